#: score = 4
#: value = "failed author:step"
#: gradient = "failed cut-graph"
#: relu = "failed nan"
#: at-zero = "failed"
# relu(x) / x is the slope of a line through the origin, but not at the origin
import torch


def f(x):
    return (x > 0).double()


def grad_relu(x):
    return torch.relu(x) / x


def grad_clamp(x):
    return (x >= 0).double()


def grad_maximum(x):
    return (torch.sign(x) + 1) / 2


PREDICTIONS = {"at_zero": [0, 0.5, 1]}
