"""Classic wrong ways to ask autograd for the slope of sine, as code.

The default argument is the x of the given code: it serves the typed answer, for which these
functions are called without inputs.
"""

import math

import torch

GIVEN_X = torch.tensor([0.0, math.pi / 3, math.pi], dtype=torch.float64)


def weighted(x):
    return torch.sin(x) * torch.cos(x)


def jacobian(x):
    return torch.diag(torch.cos(x))


def sines(x=GIVEN_X):
    return torch.sin(x)


def minus(x=GIVEN_X):
    return -torch.cos(x)


def degrees(x):
    return torch.sin(x * math.pi / 180)


def zero_of_sine():
    return torch.tensor(math.pi)


def quarter_turn():
    return torch.tensor(90.0)
