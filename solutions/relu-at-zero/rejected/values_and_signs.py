#: score = 4
#: relu = "failed value-not-gradient"
#: clamp = "failed sign"
#: maximum = "failed"
# relu 的梯度写成了 relu 本身，clamp 的符号反了，maximum 左右颠倒
import torch


def f(x):
    return torch.relu(x)


def grad_relu(x):
    return torch.relu(x)


def grad_clamp(x):
    return -(x >= 0).double()


def grad_maximum(x):
    return (1 - torch.sign(x)) / 2


PREDICTIONS = {"at_zero": [0, 1, 0.5]}
