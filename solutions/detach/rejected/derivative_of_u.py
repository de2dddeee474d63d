#: score = 6
#: grad-z = "failed author:derivative-of-u"
#: u-equals-grad = "failed author:equal-at-zero-and-two"
import torch


def f(x):
    y = x * x
    u = y.detach()
    return u * x


def grad_z(x):
    return 2 * x


def grad_y(x):
    return 2 * x


PREDICTIONS = {"u_equals_grad": [True, False, True, False]}
