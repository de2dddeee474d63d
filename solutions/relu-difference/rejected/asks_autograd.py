#: score = 7
#: autograd = "failed autograd-in-prediction"
import torch


def f(x):
    return torch.relu(x) - torch.relu(-x)


def grad_f(x):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x).sum(), x)
    return g


def calculus_f(x):
    return torch.ones_like(x)


PREDICTIONS = {"at_zero": [0, 1]}
