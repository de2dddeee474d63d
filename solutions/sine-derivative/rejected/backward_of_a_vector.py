#: score = 6
#: slope = "error"
# 对向量直接调用 backward
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    x = x.clone().requires_grad_(True)
    y = f(x)
    y.backward()
    return x.grad


PREDICTIONS = {"slopes": [1, 0.5, -1], "first_zero": 1.57}
