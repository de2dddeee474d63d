#: score = 6
#: value = "failed author:squared-logarithm"
#: gradient = "failed nan"
# 平方放错了位置
import torch


def f(x):
    return torch.log(x) ** 2 * torch.sin(x) + 1 / x


def grad_f(x):
    return 2 / x * torch.sin(x) + torch.log(x**2) * torch.cos(x) - 1 / x**2


PREDICTIONS = {"at_two": 0.0824}
