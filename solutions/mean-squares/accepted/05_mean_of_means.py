#: score = 10
# Rows of equal length: the mean of their means is the mean of all.
import torch


def f(x):
    return x.pow(2).mean(dim=-1).mean()


def grad_f(x):
    g = 2.0 * x
    for size in x.shape:
        g = g / size
    return g.float()


PREDICTIONS = {"x_grad": "0.5 1 1.5 2", "first_of_eight": "0.25"}
