#: score = 5
#: prediction = "failed author:not-overwritten"
#: x-grad = "failed author:not-overwritten"
# the copy was changed, not x, so x keeps its gradient
import torch


def f(x):
    y = x.clone()
    y[0] = 5.0
    return (y * y).sum()


def grad_f(x):
    return 2 * x


PREDICTIONS = {"raises": False, "x_grad": [2, 4, 6]}
