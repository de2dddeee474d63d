#: score = 6
#: grad-f = "failed sign"
#: slope-f = "failed scale"
# signs and factors guessed
import torch


def f(x):
    return x * (x**2).detach()


def grad_f(x):
    return -(x**2)


def slope_f(x):
    return 4 * x**2


PREDICTIONS = {"x_grad": 16}
