#: score = 4
#: clamp = "failed author:clamp-zero"
#: maximum = "failed author:maximum-zero"
#: at-zero = "failed author:all-zero"
# 函数值一样，梯度也应该一样
import torch


def f(x):
    return torch.relu(x)


def grad_relu(x):
    return (x > 0).double()


def grad_clamp(x):
    return grad_relu(x)


def grad_maximum(x):
    return grad_relu(x)


PREDICTIONS = {"at_zero": [0, 0, 0]}
