#: score = 5
#: prediction = "failed author:divided-twice"
#: x-grad = "failed author:divided-twice"
import torch


def f(x):
    return (x**2).mean()


def grad_f(x):
    n = x.numel()
    return (2 / n) * x / n


PREDICTIONS = {"x_grad": [0.125, 0.25, 0.375, 0.5], "first_of_eight": 0.25}
