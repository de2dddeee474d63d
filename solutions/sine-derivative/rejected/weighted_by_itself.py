#: score = 4
#: slope = "failed author:weighted"
#: first-zero = "failed author:zero-of-sine"
# backward wanted a vector, so it got one
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    x = x.clone().requires_grad_(True)
    y = f(x)
    y.backward(y.detach())
    return x.grad


PREDICTIONS = {"slopes": [1, 0.5, -1], "first_zero": 3.14}
