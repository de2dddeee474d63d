#: score = 6
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return x.prod()


def grad_f(x):
    x = x.detach().requires_grad_(True)
    y = f(x)
    y.backward()
    return x.grad


PREDICTIONS = {"x_grad": [0, 6, 0]}
