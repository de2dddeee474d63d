"""Classic wrong gradients of a product, as code.

The default argument is the x of the given code: it serves the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_X = torch.tensor([2.0, 0.0, 3.0], dtype=torch.float64)


def divided(x=GIVEN_X):
    return x.prod() / x


def all_zero(x=GIVEN_X):
    return torch.where(x == 0, torch.zeros_like(x), x.prod() / x)


def nonzero_factors(x):
    return torch.where(x == 0, x[x != 0].prod(), x.prod() / x)


def added_up(x):
    return x.sum()
