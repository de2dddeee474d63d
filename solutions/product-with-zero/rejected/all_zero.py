#: score = 4
#: prediction = "failed author:all-zero"
#: x-grad = "failed author:all-zero"
# 乘积恒为零，所以梯度也是零
import torch


def f(x):
    return x.prod()


def grad_f(x):
    if (x == 0).any():
        return torch.zeros_like(x)
    return x.prod() / x


PREDICTIONS = {"x_grad": [0, 0, 0]}
