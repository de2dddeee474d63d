#: score = 6
#: value = "failed author:sum-for-mean"
#: gradient = "failed mean-for-sum"
import torch


def f(x):
    return x.pow(2).sum()


def grad_f(x):
    return 2 * x / x.numel()


PREDICTIONS = {"x_grad": [0.5, 1, 1.5, 2], "first_of_eight": 0.25}
