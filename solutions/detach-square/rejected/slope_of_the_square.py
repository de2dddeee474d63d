#: score = 6
#: grad-f = "failed author:slope-of-the-square"
#: x-grad = "failed author:slope-of-the-square"
import torch


def f(x):
    return x * (x**2).detach()


def grad_f(x):
    return 2 * x


def slope_f(x):
    return 3 * x**2


PREDICTIONS = {"x_grad": 8}
