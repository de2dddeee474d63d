#: score = 8
#: slope-f = "failed author:curve-detached-too"
# 以为 detach 之后，曲线本身也变了
import torch


def f(x):
    return x * (x**2).detach()


def grad_f(x):
    return x**2


slope_f = grad_f

PREDICTIONS = {"x_grad": 16}
