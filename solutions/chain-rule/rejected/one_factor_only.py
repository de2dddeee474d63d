#: score = 4
#: prediction = "failed author:logarithm-constant"
#: at-two = "failed author:sine-constant"
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    return torch.log(x**2) * torch.cos(x) - 1 / x**2


PREDICTIONS = {"at_two": 0.659}
