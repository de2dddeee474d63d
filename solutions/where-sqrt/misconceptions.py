"""Classic wrong gradients of a where around a square root, as code."""

import torch


def zero_outside(x):
    return torch.where(x > 0, 0.5 / torch.sqrt(x), 0.0)


def infinite(x):
    return torch.where(x > 0, 0.5 / torch.sqrt(x), torch.inf)


def infinite_at_zero(x):
    return 0.5 / torch.sqrt(x)


def zero_at_zero(x):
    return torch.where(x == 0, 0.0, 0.5 / torch.sqrt(x))


def nan_everywhere(x):
    return torch.full_like(x, torch.nan)
