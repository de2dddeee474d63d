#: score = 3
#: autograd = "failed author:simplified"
#: calculus = "failed author:hole"
#: at-zero = "failed author:exchanged"
import torch


def f(x):
    return torch.relu(x) - torch.relu(-x)


def grad_f(x):
    return torch.ones_like(x)


def calculus_f(x):
    return (x != 0).double()


PREDICTIONS = {"at_zero": [1, 0]}
