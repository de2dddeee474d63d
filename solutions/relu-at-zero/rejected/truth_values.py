#: score = 4
#: relu = "failed dtype"
#: clamp = "failed dtype"
#: at-zero = "failed shape"
# x > 0 is a tensor of truth values, not of numbers
import torch


def f(x):
    return torch.relu(x)


def grad_relu(x):
    return x > 0


def grad_clamp(x):
    return x >= 0


def grad_maximum(x):
    return 0.5 * (x > 0) + 0.5 * (x >= 0)


PREDICTIONS = {"at_zero": 0}
