#: score = 6
#: calculus = "failed author:hole"
#: at-zero = "failed author:both-zero"
# relu 在 0 处不可导，所以都取 0
import torch


def f(x):
    return torch.relu(x) - torch.relu(-x)


def grad_f(x):
    return (x != 0).double()


def calculus_f(x):
    return grad_f(x)


PREDICTIONS = {"at_zero": [0, 0]}
