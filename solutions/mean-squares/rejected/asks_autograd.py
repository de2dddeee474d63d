#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return (x**2).mean()


def grad_f(x):
    x = x.clone().requires_grad_()
    f(x).backward()
    return x.grad


PREDICTIONS = {"x_grad": [0.5, 1, 1.5, 2], "first_of_eight": 0.25}
