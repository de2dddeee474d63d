#: score = 2
#: auto = "error"
#: formula = "failed"
#: counts = "missing"
# x does not require a gradient when it comes in.
import torch


def f(x):
    return x * torch.sin(x)


def second_auto(x):
    (g,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    return h


def second_formula(x):
    2 * torch.cos(x) - x * torch.sin(x)
