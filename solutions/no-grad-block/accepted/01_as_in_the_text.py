#: score = 10
import torch


def f(x):
    with torch.no_grad():
        u = x * x
    z = u * x
    return z


def grad_f(x):
    return x * x


PREDICTIONS = {"recorded": [True, False, True], "x_grad": 25}
