#: score = 2
#: gradient = "failed author:stays-flat"
#: prediction = "failed author:flat"
#: rounded-grad = "failed author:round-as-identity"
#: x-grad = "failed author:trick-without-effect"
import torch


def f(x):
    return torch.round(x)


def grad_loss(x, t):
    return torch.zeros_like(x)


PREDICTIONS = {"rounded_grad": 1, "x_grad": 0}
