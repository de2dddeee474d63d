#: score = 4
#: prediction = "failed author:reciprocal-lost"
#: at-two = "failed author:reciprocal-lost"
# 1/x 忘了求导
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    du = 2 / x
    return du * torch.sin(x) + torch.log(x**2) * torch.cos(x)


PREDICTIONS = {"at_two": 0.332}
