#: score = 4
#: prediction = "failed author:no-inner-derivative"
#: at-two = "failed author:no-inner-derivative"
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    # the derivative of ln(u) is 1/u
    return torch.sin(x) / x**2 + torch.log(x**2) * torch.cos(x) - 1 / x**2


PREDICTIONS = {"at_two": -0.5996}
