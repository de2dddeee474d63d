#: score = 6
#: gradient = "failed scale"
#: grad-z = "failed author:cut-path"
# The other factor of the product is detached.
import torch


def f(x):
    y = x * x
    return y * x.detach()


def grad_z(x):
    return 2 * x * x


def grad_y(x):
    return 2 * x


PREDICTIONS = {"u_equals_grad": [True, True, True, True]}
