#: score = 10
import torch


def f(x):
    return x[0] ** 2 * x[1] + x[1] ** 3


def hvp_auto(x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    (h,) = torch.autograd.grad(torch.dot(g, v), x)
    return h


def hvp_formula(x, v):
    H = torch.stack([torch.stack([2 * x[1], 2 * x[0]]), torch.stack([2 * x[0], 6 * x[1]])])
    return H @ v


PREDICTIONS = {"product": [2, -10]}
