#: score = 4
#: relu = "failed author:relu-half"
#: clamp = "failed author:clamp-half"
#: at-zero = "failed author:all-half"
import torch


def f(x):
    return torch.relu(x)


def grad_relu(x):
    # half-way between the slopes on both sides
    return (torch.sign(x) + 1) / 2


grad_clamp = grad_relu
grad_maximum = grad_relu

PREDICTIONS = {"at_zero": [0.5, 0.5, 0.5]}
