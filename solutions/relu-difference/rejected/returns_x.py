#: score = 8
#: gradient = "failed author:f-simplified"
# 化简以后更快
import torch


def f(x):
    return 1 * x


def grad_f(x):
    return (x != 0).double()


def calculus_f(x):
    return torch.ones_like(x)


PREDICTIONS = {"at_zero": [0, 1]}
