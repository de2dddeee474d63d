#: score = 4
#: prediction = "failed author:cosine-sign"
#: at-two = "failed author:value-at-two"
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    # sin turns into -cos
    return 2 / x * torch.sin(x) - torch.log(x**2) * torch.cos(x) - 1 / x**2


PREDICTIONS = {"at_two": 1.761}
