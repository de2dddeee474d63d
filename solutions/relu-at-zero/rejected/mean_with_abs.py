#: score = 9
#: gradient = "failed author:f-half"
# (x + |x|) / 2 has the values of relu
import torch


def f(x):
    return (x + x.abs()) / 2


def grad_relu(x):
    return (x > 0).double()


def grad_clamp(x):
    return (x >= 0).double()


def grad_maximum(x):
    return (torch.sign(x) + 1) / 2


PREDICTIONS = {"at_zero": [0, 1, 0.5]}
