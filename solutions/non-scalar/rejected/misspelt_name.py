#: score = 7
#: vjp = "error"
import torch


def f(x):
    return x * x


def grad_f(x):
    return 2 * x


def vjp_f(x, v):
    gard = grad_f(x)
    return grad * v


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
