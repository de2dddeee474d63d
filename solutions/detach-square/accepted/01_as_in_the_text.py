#: score = 10
import torch


def f(x):
    return x * (x**2).detach()


def grad_f(x):
    return x**2


def slope_f(x):
    return 3 * x**2


PREDICTIONS = {"x_grad": 16}
