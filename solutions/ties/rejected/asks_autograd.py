#: score = 5
#: max = "failed autograd-in-prediction"
#: pick = "failed autograd-in-prediction"
import torch


def f(x):
    return x.max()


def grad_f(x):
    x = x.clone().requires_grad_()
    f(x).backward()
    return x.grad


def grad_pick(x):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(x.max(dim=0).values, x)
    return g


PREDICTIONS = {"max_grad": [0, 0.5, 0.5], "max_dim_grad": [0, 1, 0]}
