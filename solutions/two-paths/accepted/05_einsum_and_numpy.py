#: score = 10
import numpy as np
import torch


def f(w, x):
    both = torch.stack([x, w])
    return torch.einsum("pi,i->i", both, w)


def grad_w(w, x):
    return torch.from_numpy(np.stack([x.numpy(), w.numpy(), w.numpy()]).sum(axis=0))


PREDICTIONS = {"w_grad": np.float64(7), "x_grad": np.float64(2)}
