#: score = 4
#: slope = "failed scale"
#: slopes = "failed scale"
# 调用了两次 backward，梯度累加起来了
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    x = x.clone().requires_grad_(True)
    f(x).sum().backward()
    print(x.grad)
    f(x).sum().backward()
    return x.grad


PREDICTIONS = {"slopes": [2, 1, -2], "first_zero": 1.57}
