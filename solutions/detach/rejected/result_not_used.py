#: score = 8
#: gradient = "failed undetached"
# y.detach() 返回新的张量，这里却没有用它
import torch


def f(x):
    y = x * x
    y.detach()
    u = y
    z = u * x
    return z


def grad_z(x):
    return x * x


def grad_y(x):
    return 2 * x


PREDICTIONS = {"u_equals_grad": [True, True, True, True]}
