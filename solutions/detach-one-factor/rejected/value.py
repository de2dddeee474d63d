#: score = 6
#: prediction = "failed value-not-gradient"
import torch


def f(x):
    return x.detach() * x + x**2


def grad_f(x):
    return 2 * x**2


PREDICTIONS = {"x_grad": 9}
