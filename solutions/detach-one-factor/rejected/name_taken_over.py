#: score = 2
#: gradient = "failed cut-graph"
#: prediction = "failed author:all-cut"
#: x-grad = "failed author:all-cut"
import torch


def f(x):
    x = x.detach()  # from here on, every x is the new one
    return x * x + x**2


def grad_f(x):
    return 0 * x


PREDICTIONS = {"x_grad": 0}
