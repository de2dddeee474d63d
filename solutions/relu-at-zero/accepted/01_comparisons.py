#: score = 10
import torch


def f(x):
    return torch.relu(x)


def grad_relu(x):
    return (x > 0).double()


def grad_clamp(x):
    return (x >= 0).double()


def grad_maximum(x):
    return (grad_relu(x) + grad_clamp(x)) / 2


PREDICTIONS = {"at_zero": [0, 1, 0.5]}
