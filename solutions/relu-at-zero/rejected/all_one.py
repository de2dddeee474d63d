#: score = 3
#: gradient = "failed author:f-one"
#: relu = "failed author:relu-one"
#: maximum = "failed author:maximum-one"
#: at-zero = "failed author:all-one"
import torch


def f(x):
    return torch.where(x >= 0, x, 0.0)


def grad_relu(x):
    return (x >= 0).double()


def grad_clamp(x):
    return (x >= 0).double()


def grad_maximum(x):
    return (x >= 0).double()


PREDICTIONS = {"at_zero": [1, 1, 1]}
