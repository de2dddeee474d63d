#: score = 4
#: grad-f = "failed author:cut-path"
#: slope-f = "failed author:curve-without-the-outer-x"
#: x-grad = "failed author:cut-path"
# takes the x in front for the constant
import torch


def f(x):
    return x * (x**2).detach()


def grad_f(x):
    return x * 2 * x


def slope_f(x):
    return x * 2 * x


PREDICTIONS = {"x_grad": 32}
