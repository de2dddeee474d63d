#: score = 4
#: slope = "failed author:jacobian"
#: first-zero = "failed author:quarter-turn"
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    return torch.autograd.functional.jacobian(f, x)


PREDICTIONS = {"slopes": [1, 0.5, -1], "first_zero": 90}
