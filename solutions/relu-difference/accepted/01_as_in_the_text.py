#: score = 10
import torch


def f(x):
    return torch.relu(x) - torch.relu(-x)


def grad_f(x):
    return (x != 0).double()


def calculus_f(x):
    return torch.ones_like(x)


PREDICTIONS = {"at_zero": [0, 1]}
