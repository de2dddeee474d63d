#: score = 8
#: gradient = "failed undetached"
# clone copies the numbers, and stays in the graph.
import torch


def f(x):
    y = x * x
    u = y.clone()
    return u * x


def grad_z(x):
    return x.square()


def grad_y(x):
    return 2 * x


PREDICTIONS = {"u_equals_grad": [True, True, True, True]}
