#: score = 0
#: value = "failed author:logarithm"
#: gradient = "failed"
#: vjp = "failed author:all-zero"
#: x-grad = "failed author:diagonal-without-v"
# 各分量之和总是 1，所以以为梯度总是 0
import torch


def f(x):
    return torch.log_softmax(x, dim=0)


def vjp_f(x, v):
    return torch.zeros_like(x)


PREDICTIONS = {"x_grad": [3 / 16, 3 / 16, 3 / 16, 3 / 16]}
