#: score = 5
#: auto = "error"
#: counts = "failed author:same-size"
import torch


def f(x):
    return x * torch.sin(x)


def second_auto(x):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x).sum(), x)
    (h,) = torch.autograd.grad(g.sum(), x)
    return h


def second_formula(x):
    return 2 * torch.cos(x) - x * torch.sin(x)


PREDICTIONS = {"counts": [3, 3]}
