#: score = 10
import torch


def f(x):
    return torch.where(x < 1, x, x + 5)


def grad_f(x):
    return torch.ones_like(x)


PREDICTIONS = {"at_one": 1, "quotient_agrees": False}
