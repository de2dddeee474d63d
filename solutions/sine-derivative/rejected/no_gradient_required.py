#: score = 4
#: slope = "error"
#: slopes = "failed author:sines"
# 忘了 requires_grad_
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    y = f(x).sum()
    y.backward()
    return x.grad


PREDICTIONS = {"slopes": [0, 0.866, 0], "first_zero": 1.57}
