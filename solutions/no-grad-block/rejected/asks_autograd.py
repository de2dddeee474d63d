#: score = 8
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    with torch.no_grad():
        u = x * x
    return u * x


def grad_f(x):
    x.requires_grad_(True)
    f(x).sum().backward()
    return x.grad


PREDICTIONS = {"recorded": [True, False, True], "x_grad": 25}
