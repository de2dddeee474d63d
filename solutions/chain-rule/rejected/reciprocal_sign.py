#: score = 4
#: prediction = "failed author:reciprocal-rises"
#: at-two = "failed author:reciprocal-rises"
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    return 2 / x * torch.sin(x) + torch.log(x**2) * torch.cos(x) + x**-2.0


PREDICTIONS = {"at_two": 0.582}
