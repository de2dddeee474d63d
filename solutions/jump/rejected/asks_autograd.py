#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return torch.where(x < 1, x, x + 5)


def grad_f(x):
    _, pull_back = torch.func.vjp(f, x)
    return pull_back(torch.ones_like(x))[0]


PREDICTIONS = {"at_one": 1, "quotient_agrees": False}
