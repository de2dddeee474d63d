#: score = 0
#: value = "error"
#: gradient = "error"
#: grad-z = "error"
#: grad-y = "error"
#: u-equals-grad = "error"
import torch


def f(x):
    y = x * x
    u = y.detach()
   return u * x


def grad_z(x):
    return x * x


def grad_y(x):
    return 2 * x


PREDICTIONS = {"u_equals_grad": [True, True, True, True]}
