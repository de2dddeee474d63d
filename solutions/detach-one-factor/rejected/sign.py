#: score = 4
#: prediction = "failed sign"
#: x-grad = "failed sign"
import torch


def f(x):
    return x.detach() * x + x**2


def grad_f(x):
    # minus, because one path was taken away
    return x - 4 * x


PREDICTIONS = {"x_grad": -9}
