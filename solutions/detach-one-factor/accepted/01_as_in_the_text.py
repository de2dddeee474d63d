#: score = 10
import torch


def f(x):
    return x.detach() * x + x**2


def grad_f(x):
    return 3 * x


PREDICTIONS = {"x_grad": 9}
