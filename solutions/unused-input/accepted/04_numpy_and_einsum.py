#: score = 10
import numpy as np
import torch


def loss(w, b, x, use):
    if not use:
        return torch.einsum("i,i,i,i->", w, x, w, x)
    return torch.sum(torch.square(w * x + b))


def grads(w, b, x, use):
    a, c, d = w.detach().numpy(), x.numpy(), b.detach().numpy()
    if bool(use):
        r = a * c + d
        return (torch.from_numpy(2 * r * c), torch.from_numpy(2 * r))
    return (torch.from_numpy(2 * a * np.square(c)), None)


def strict(w, b, x):
    w.requires_grad_(True)
    b.requires_grad_(True)
    return torch.autograd.grad(outputs=loss(w, b, x, torch.tensor(False)), inputs=(w, b))


PREDICTIONS = dict(b_grad="None", b_filled="0 0", b_times_zero="0 0")
