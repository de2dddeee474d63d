#: score = 4
#: auto = "failed author:no-v"
#: formula = "failed author:no-v"
# v 没有用上：直接对 g.sum() 求导
import torch


def f(x):
    return x[0] ** 2 * x[1] + x[1] ** 3


def hvp_auto(x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    return h


def hvp_formula(x, v):
    return torch.stack([2 * x[1] + 2 * x[0], 2 * x[0] + 6 * x[1]])


PREDICTIONS = {"product": [2, -10]}
