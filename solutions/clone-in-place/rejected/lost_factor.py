#: score = 5
#: prediction = "failed scale"
#: x-grad = "failed"
import torch


def f(x):
    y = x.clone()
    y[0] = 5.0
    return (y * y).sum()


def grad_f(x):
    g = x.clone()
    g[0] = 0
    return g


PREDICTIONS = {"raises": False, "x_grad": [0, 2, 3]}
