"""Classic wrong gradients of section 2.5.1, as code.

For the typed answers they are called with the x of the given code.
"""

import torch


def lost_factor(x):
    return 2 * x


def constant(x):
    return torch.full_like(x, 4.0)


def summed(x):
    return (4 * x).sum()


def y_without_two(x):
    return torch.dot(x, x)


def kept(x):
    return 4 * x


def accumulated(x):
    return 4 * x + 1
