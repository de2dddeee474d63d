#: score = 6
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return x.detach() * x + x**2


def grad_f(x):
    x = x.clone().requires_grad_(True)
    f(x).sum().backward()
    return x.grad


PREDICTIONS = {"x_grad": 9}
