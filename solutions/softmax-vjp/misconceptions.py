"""Classic wrong answers about softmax, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_X = torch.zeros(4, dtype=torch.float64)
GIVEN_V = torch.tensor([4.0, 0.0, 0.0, 0.0], dtype=torch.float64)


def not_normalised(x):
    return torch.exp(x)


def logarithm(x):
    return torch.log_softmax(x, dim=0)


def diagonal_only(x=GIVEN_X, v=GIVEN_V):
    s = torch.softmax(x, dim=0)
    return s * (1 - s) * v


def shared_sum_fixed(x=GIVEN_X, v=GIVEN_V):
    return torch.softmax(x, dim=0) * v


def all_zero(x=GIVEN_X, v=GIVEN_V):
    return torch.zeros_like(x)


def diagonal_without_v(x=GIVEN_X, v=GIVEN_V):
    s = torch.softmax(x, dim=0)
    return s * (1 - s)


def outer_s_lost(x=GIVEN_X, v=GIVEN_V):
    s = torch.softmax(x, dim=0)
    return v - torch.dot(s, v)
