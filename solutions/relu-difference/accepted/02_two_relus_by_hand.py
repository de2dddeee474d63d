#: score = 10
# 链式法则：第二项对 x 求导，外面一个负号，里面一个负号
import torch
import torch.nn.functional as F


def relu斜率(t):
    return torch.where(t > 0, 1.0, 0.0)


def f(x):
    return F.relu(x) - F.relu(-x)


def grad_f(x):
    return relu斜率(x) - (-1) * relu斜率(-x)


def calculus_f(x):
    # f(x) = x
    return x * 0 + 1


PREDICTIONS = {"at_zero": (0.0, 1.0)}
