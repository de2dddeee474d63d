#: score = 10
import torch


def f(x, n):
    y = torch.ones_like(x)
    for i in range(n):
        y = y * x
    return y


def grad_f(x, n):
    return n * x ** (n - 1)


PREDICTIONS = {"x_grad": 108, "cut_grad": 27}
