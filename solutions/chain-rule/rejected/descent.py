#: score = 4
#: prediction = "failed sign"
#: at-two = "failed"
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    return 1 / x**2 - torch.log(x**2) * torch.cos(x) - 2 / x * torch.sin(x)


PREDICTIONS = {"at_two": -0.0824}
