#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return torch.where(x < 1, x, x + 5)


def grad_f(x):
    return torch.autograd.functional.vjp(f, x, torch.ones_like(x))[1]


PREDICTIONS = {"at_one": 1, "quotient_agrees": False}
