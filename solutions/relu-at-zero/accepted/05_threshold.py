#: score = 10
import torch
import torch.nn.functional as F


def f(x):
    return F.threshold(x, 0.0, 0.0)


def grad_relu(x):
    return torch.gt(x, 0).to(x)


def grad_clamp(x):
    return 1 - torch.lt(x, 0).to(x)


def grad_maximum(x):
    # both arguments are 0: half for x, half for the constant
    return torch.gt(x, 0).to(x) + 0.5 * torch.eq(x, 0)


PREDICTIONS = {"at_zero": [0, 1, 0.5]}
