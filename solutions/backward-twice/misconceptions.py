"""Classic wrong results of two backward passes, as code."""

import torch


def replaced_ones(x):
    return torch.ones_like(x)


def replaced(x):
    return 2 * x


def multiplied(x):
    return 4 * x * x
