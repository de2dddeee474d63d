#: score = 10
# A module, numpy, and the sign of x.
import numpy as np
import torch
from torch import nn

f = nn.ReLU()


def grad_relu(x):
    return torch.from_numpy(np.heaviside(x.numpy(), 0.0))


def grad_clamp(x):
    return torch.from_numpy(np.heaviside(x.numpy(), 1.0))


def grad_maximum(x):
    return (torch.sign(x) + 1) / 2


PREDICTIONS = {"at_zero": [0.0, 1.0, 0.5]}
