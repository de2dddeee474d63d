#: score = 5
#: autograd = "failed author:simplified"
#: at-zero = "failed author:both-one"
# f(x) = x, so both are 1
import torch


def f(x):
    return torch.relu(x) - torch.relu(-x)


def grad_f(x):
    return torch.ones_like(x)


def calculus_f(x):
    return torch.ones_like(x)


PREDICTIONS = {"at_zero": [1, 1]}
