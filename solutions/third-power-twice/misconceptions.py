"""Classic wrong derivatives of the third power, as code."""

import torch


def first(x):
    return 3 * x**2


def third(x):
    return torch.full_like(x, 6.0)


def squared(x):
    return (3 * x**2) ** 2


def power_kept(x):
    return 3 * x**3
