#: score = 1
#: value = "failed author:not-settled"
#: gradient = "failed"
#: prediction = "failed author:residual-not-divided"
#: x-grad = "failed author:residual-not-divided"
import torch


def root(x):
    y = x
    y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y


def grad_root(x):
    return torch.ones_like(x)


PREDICTIONS = {"x_grad": [1, 1], "without_step": "raises"}
