#: score = 6
#: value = "failed author:not-sorted"
#: gradient = "failed author:gradient-not-sorted"
# x.sort() 返回排好序的副本，x 本身没有变
import torch


def f(x, c):
    x.sort()
    return (x * c).sum()


def grad_f(x, c):
    return c[torch.argsort(torch.argsort(x))]


PREDICTIONS = {"order": [1, 2, 0], "x_grad": [30, 10, 20]}
