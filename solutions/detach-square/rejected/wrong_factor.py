#: score = 8
#: gradient = "failed author:outer-x-cut"
# The x in front is detached, not the square.
import torch


def f(x):
    return x.detach() * x**2


def grad_f(x):
    return x**2


def slope_f(x):
    return 3 * x**2


PREDICTIONS = {"x_grad": 16}
