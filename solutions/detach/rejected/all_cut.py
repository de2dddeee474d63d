#: score = 6
#: gradient = "failed cut-graph"
#: grad-y = "failed author:cut-y"
# detach 之后，以为后面的一切都不再求导
import torch


def f(x):
    with torch.no_grad():
        y = x * x
        u = y.detach()
        z = u * x
    return z


def grad_z(x):
    return x * x


def grad_y(x):
    return 0 * x


PREDICTIONS = {"u_equals_grad": [True, True, True, True]}
