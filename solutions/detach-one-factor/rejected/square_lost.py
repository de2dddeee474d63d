#: score = 4
#: prediction = "failed author:square-lost"
#: x-grad = "failed author:square-lost"
import torch


def f(x):
    return x.detach() * x + x**2


def grad_f(x):
    return x.detach()


PREDICTIONS = {"x_grad": 3}
