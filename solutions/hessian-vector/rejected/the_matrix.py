#: score = 2
#: auto = "failed author:entry-by-entry"
#: formula = "failed author:both-sides"
#: product = "failed author:both-sides"
import torch


def f(x):
    return x[0] ** 2 * x[1] + x[1] ** 3


def hvp_auto(x, v):
    return torch.autograd.functional.hessian(f, x) * v


def hvp_formula(x, v):
    H = torch.tensor([[2 * x[1], 2 * x[0]], [2 * x[0], 6 * x[1]]], dtype=x.dtype)
    return v @ H @ v


PREDICTIONS = {"product": 12}
