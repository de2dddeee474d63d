#: score = 2
#: auto = "failed author:gradient-times-v"
#: formula = "failed author:gradient-times-v"
#: product = "failed author:gradient-times-v"
import torch


def f(x):
    return x[0] ** 2 * x[1] + x[1] ** 3


def hvp_auto(x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x)
    return g * v


def hvp_formula(x, v):
    return torch.stack([2 * x[0] * x[1] * v[0], (x[0] ** 2 + 3 * x[1] ** 2) * v[1]])


PREDICTIONS = {"product": [4, -13]}
