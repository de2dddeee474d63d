#: score = 9
#: gradient = "failed cut-graph"
import numpy as np
import torch


def f(x):
    return torch.from_numpy(np.maximum(x.detach().numpy(), 0))


def grad_relu(x):
    return (x > 0).double()


def grad_clamp(x):
    return (x >= 0).double()


def grad_maximum(x):
    return (torch.sign(x) + 1) / 2


PREDICTIONS = {"at_zero": [0, 1, 0.5]}
