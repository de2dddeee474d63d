"""Classic wrong slopes of relu(x) - relu(-x), as code."""

import torch


def simplified(x):
    return torch.ones_like(x)


def minus_kept(x):
    return torch.sign(x)


def both_count(x):
    return torch.where(x == 0, 2.0, torch.ones_like(x))


def hole(x):
    return (x != 0).to(x.dtype)


def f_simplified(x):
    return torch.ones_like(x)


def f_both_count(x):
    return both_count(x)


def absolute_value(x):
    return x.abs()


def f_absolute(x):
    return torch.sign(x)
