#: score = 8
#: gradient = "error"
# x *= x writes into the input itself, which autograd does not allow on a leaf.
import torch


def f(x):
    x *= x
    return x


def grad_f(x):
    return 2 * x


def vjp_f(x, v):
    return 2 * x * v


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
