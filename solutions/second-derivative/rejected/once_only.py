#: score = 2
#: auto = "failed author:first"
#: formula = "failed author:first"
#: counts = "failed author:without-the-incoming-one"
import torch


def f(x):
    return x * torch.sin(x)


def second_auto(x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x, create_graph=True)[0].detach()


def second_formula(x):
    return torch.sin(x) + x * torch.cos(x)


PREDICTIONS = {"counts": [3, 5]}
