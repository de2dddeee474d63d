#: score = 6
#: value = "failed reduced"
#: gradient = "failed shape"
# f returns the sum already, not the vector
import torch


def f(x):
    return (x * x).sum()


def grad_f(x):
    return 2 * x


def vjp_f(x, v):
    return 2 * x * v


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
