#: score = 5
#: formula = "failed sign"
#: counts = "failed shape"
import torch


def f(x):
    return x * torch.sin(x)


def second_auto(x):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    return h


def second_formula(x):
    return x * torch.sin(x) - 2 * torch.cos(x)


PREDICTIONS = {"counts": 7}
