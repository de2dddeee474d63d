"""Classic wrong gradients of the sum of a softmax, as code.

The default argument is the x of the given code: it serves the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_X = torch.zeros(2, dtype=torch.float64)


def probabilities(x=GIVEN_X):
    return torch.softmax(x, dim=0)


def diagonal(x=GIVEN_X):
    s = torch.softmax(x, dim=0)
    return s * (1 - s)


def sum_alone(x=GIVEN_X):
    return torch.ones_like(x)


def numerator_only(x):
    return torch.exp(x)


def denominator_only(x):
    return -torch.softmax(x, dim=0)


def one_zero(x):
    return torch.zeros((), dtype=x.dtype)


def not_normalised(x):
    return torch.exp(x).sum()
