#: score = 4
#: prediction = "failed author:product-of-derivatives"
#: at-two = "failed author:product-of-derivatives"
# 乘积的导数当成了导数的乘积
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    return (2 / x) * torch.cos(x) - 1 / x**2


PREDICTIONS = {"at_two": -0.666}
