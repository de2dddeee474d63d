#: score = 6
#: value = "failed nan"
#: gradient = "failed nan"
# 2 ln x instead of ln(x^2): only for positive x
import torch


def f(x):
    return 2 * torch.log(x) * torch.sin(x) + 1 / x


def grad_f(x):
    return 2 / x * torch.sin(x) + torch.log(x**2) * torch.cos(x) - 1 / x**2


PREDICTIONS = {"at_two": 0.0824}
