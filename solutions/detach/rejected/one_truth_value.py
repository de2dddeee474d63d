#: score = 8
#: u-equals-grad = "failed shape"
import torch


def f(x):
    y = x * x
    u = y.detach()
    return u * x


def grad_z(x):
    return x * x


def grad_y(x):
    return 2 * x


PREDICTIONS = {"u_equals_grad": True}
