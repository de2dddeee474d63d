#: score = 10
import torch


def f(x):
    y = x * x
    u = y.detach()
    z = u * x
    return z


def grad_z(x):
    return x * x


def grad_y(x):
    return 2 * x


PREDICTIONS = {"u_equals_grad": [True, True, True, True]}
