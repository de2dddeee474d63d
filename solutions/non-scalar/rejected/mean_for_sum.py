#: score = 8
#: prediction = "failed mean-for-sum"
import torch


def f(x):
    return x * x


def grad_f(x):
    # average over the entries
    return 2 * x / len(x)


def vjp_f(x, v):
    return 2 * x * v


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
