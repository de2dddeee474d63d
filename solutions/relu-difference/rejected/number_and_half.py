#: score = 3
#: autograd = "failed scale"
#: calculus = "failed shape"
#: at-zero = "failed"
# 导数处处是 1，就返回了一个 1；两个 relu 又各算了一半
import torch


def f(x):
    return torch.relu(x) - torch.relu(-x)


def grad_f(x):
    return 0.5 * (x != 0)


def calculus_f(x):
    return 1.0


PREDICTIONS = {"at_zero": [0.5, 1]}
