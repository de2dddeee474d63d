#: score = 5
#: prediction = "failed author:five-added"
#: at-one = "failed"
import torch


def f(x):
    return torch.where(x < 1, x, x + 5)


def grad_f(x):
    return torch.where(x < 1, 1.0, 6.0)


PREDICTIONS = {"at_one": 6, "quotient_agrees": False}
