#: score = 10
import numpy as np
import torch


def f(x):
    constant = torch.from_numpy(x.detach().numpy().copy())
    return torch.einsum("i,i->i", constant, x) + torch.square(x)


def grad_f(x):
    return torch.from_numpy(np.multiply(3.0, x.numpy()))


PREDICTIONS = {"x_grad": 3 * 3}
