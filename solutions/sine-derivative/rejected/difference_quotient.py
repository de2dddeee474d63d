#: score = 6
#: slope = "failed"
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    h = 0.001
    return (f(x + h) - f(x)) / h


PREDICTIONS = {"slopes": [1, 0.5, -1], "first_zero": 1.57}
