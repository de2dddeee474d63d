#: score = 6
#: grad-y = "failed author:accumulated"
#: u-equals-grad = "failed author:never-equal"
import torch


def f(x):
    y = x * x
    u = y.detach()
    return u * x


def grad_z(x):
    return x * x


def grad_y(x):
    # z.sum().backward() was called before, so it is added
    return grad_z(x) + 2 * x


PREDICTIONS = {"u_equals_grad": [False, False, False, False]}
