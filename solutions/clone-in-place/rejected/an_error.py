#: score = 7
#: raises = "failed author:an-error"
#: x-grad = "failed author:none-at-all"
import torch


def f(x):
    y = x.clone()
    y[0] = 5.0
    return (y * y).sum()


def grad_f(x):
    g = 2 * x
    g[0] = 0
    return g


PREDICTIONS = {"raises": True, "x_grad": None}
