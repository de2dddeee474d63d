#: score = 4
#: slope = "failed mean-for-sum"
#: slopes = "failed author:minus"
# mean() 也是标量，但每个斜率都被除以了个数
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    x = x.clone().requires_grad_(True)
    f(x).mean().backward()
    return x.grad


PREDICTIONS = {"slopes": [-1, -0.5, 1], "first_zero": 1.57}
