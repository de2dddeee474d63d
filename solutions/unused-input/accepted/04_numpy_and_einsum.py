#: score = 10
import numpy as np
import torch


def loss(w, b, x):
    return torch.einsum("i,i,i,i->", w, x, w, x)


def grads(w, b, x):
    a = w.detach().numpy()
    c = x.numpy()
    return (torch.from_numpy(2 * a * np.square(c)), None)


def strict(w, b, x):
    w.requires_grad_(True)
    b.requires_grad_(True)
    return torch.autograd.grad(outputs=loss(w, b, x), inputs=(w, b))


PREDICTIONS = dict(b_grad="None", b_filled="0 0", b_times_zero="0 0")
