#: score = 4
#: auto = "failed"
#: formula = "error"
# The difference of two gradients is near, but not exact.
import torch


def f(x):
    return x[0] ** 2 * x[1] + x[1] ** 3


def gradient(x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(f(x), x)[0]


def hvp_auto(x, v):
    h = 1e-3
    return (gradient(x + h * v) - gradient(x)) / h


def hvp_formula(x, v):
    return hvp_auto(x, v)


PREDICTIONS = {"product": [2, -10]}
