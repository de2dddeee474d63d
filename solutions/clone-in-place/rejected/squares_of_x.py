#: score = 6
#: value = "failed author:unchanged-value"
#: gradient = "failed author:unchanged-slope"
# writes to y, and then squares x
import torch


def f(x):
    y = x.clone()
    y[0] = 5.0
    return (x * x).sum()


def grad_f(x):
    g = 2 * x
    g[0] = 0
    return g


PREDICTIONS = {"raises": False, "x_grad": [0, 4, 6]}
