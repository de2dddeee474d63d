#: score = 10
import torch


def f(x):
    return torch.mul(x, torch.sin(x))


def second_auto(x):
    # the whole Hessian of the sum; only its diagonal is not zero
    hessian = torch.autograd.functional.hessian(lambda t: f(t).sum(), x)
    return torch.diagonal(hessian)


def second_formula(x):
    return -(f(x) - 2 * torch.cos(x))


PREDICTIONS = {"counts": "3, 7"}
