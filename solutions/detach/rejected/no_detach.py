#: score = 4
#: gradient = "failed undetached"
#: grad-z = "failed author:no-detach"
#: u-equals-grad = "failed author:equal-at-zero"
import torch


def f(x):
    y = x * x
    u = y
    return u * x


def grad_z(x):
    return 3 * x**2


def grad_y(x):
    return 2 * x


PREDICTIONS = {"u_equals_grad": [True, False, False, False]}
