#: score = 10
# One number at a time, and numpy for the formula.
import numpy as np
import torch


def f(x):
    return torch.stack([v * torch.sin(v) for v in x])


def second_auto(x):
    found = []
    for v in x:
        t = v.clone().requires_grad_()
        (once,) = torch.autograd.grad(t * torch.sin(t), t, create_graph=True)
        (twice,) = torch.autograd.grad(once, t)
        found.append(twice)
    return torch.stack(found)


def second_formula(x):
    a = x.numpy()
    return torch.from_numpy(2.0 * np.cos(a) - a * np.sin(a))


PREDICTIONS = dict(counts=[1 + 2, 1 + 6])
