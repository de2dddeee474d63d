"""Classic wrong gradients of a product, as code.

For the typed answers they are called with the numbers of the given code.
"""

import torch


def divided(x):
    return x.prod() / x


def all_zero(x):
    return torch.where(x == 0, torch.zeros_like(x), x.prod() / x)


def nonzero_factors(x):
    return torch.where(x == 0, x[x != 0].prod(), x.prod() / x)


def added_up(x):
    return x.sum()
