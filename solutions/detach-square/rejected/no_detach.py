#: score = 4
#: gradient = "failed undetached"
#: grad-f = "failed author:no-detach"
#: x-grad = "failed author:no-detach"
import torch


def f(x):
    return x * x**2


def grad_f(x):
    return 3 * x**2


def slope_f(x):
    return 3 * x**2


PREDICTIONS = {"x_grad": 48}
