#: score = 5
#: prediction = "failed sign"
#: vjp = "error"
# vjp_f only takes x
import torch


def f(x):
    return x * x


def grad_f(x):
    # gradient descent goes the other way
    return -2 * x


def vjp_f(x):
    return 2 * x


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
