"""Classic wrong gradients of detach(x)·x + x², as code.

The default argument is the given code's x: it serves the typed answer, for which these functions
are called without inputs.
"""

import torch

GIVEN_X = torch.tensor(3.0, dtype=torch.float64)


def product_cut(x):
    return 2 * x


def square_cut(x):
    return x.clone()


def no_detach(x=GIVEN_X):
    return 4 * x


def product_lost(x=GIVEN_X):
    return 2 * x


def square_lost(x=GIVEN_X):
    return x.clone()


def factor_gone(x=GIVEN_X):
    return 1 + 2 * x


def all_cut(x=GIVEN_X):
    return torch.zeros_like(x)
