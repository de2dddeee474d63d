"""Classic wrong slopes at a jump, as code."""

import torch


def infinite(x):
    return torch.where(x == 1, torch.inf, torch.ones_like(x))


def zero_at_the_jump(x):
    return torch.where(x == 1, 0.0, torch.ones_like(x))


def five_added(x):
    return torch.where(x < 1, torch.ones_like(x), 6.0)


def one_below(x):
    return torch.where(x <= 1, x, x + 5)


def always_added(x):
    return x + 5
