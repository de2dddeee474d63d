#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(x, A):
    return x @ A @ x


def grad_x(x, A):
    x = x.clone().requires_grad_()
    f(x, A).backward()
    return x.grad


PREDICTIONS = {"x_grad": [-3, -3], "skew_grad": [0, 0]}
