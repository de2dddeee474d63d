#: score = 4
#: value = "failed author:degrees"
#: gradient = "failed"
#: slope = "failed"
import math

import torch


def f(x):
    return torch.sin(x * math.pi / 180)


def slope(x):
    x = x.clone().requires_grad_(True)
    f(x).sum().backward()
    return x.grad


PREDICTIONS = {"slopes": [1, 0.5, -1], "first_zero": 1.57}
