"""Classic wrong answers about the straight-through trick, as code."""

import torch


def not_rounded(x):
    return x.clone()


def cut_down(x):
    return torch.floor(x)


def halves_away_from_zero(x):
    return torch.sign(x) * torch.floor(x.abs() + 0.5)


def stays_flat(x):
    return torch.zeros_like(x)


def flat(x, t):
    return torch.zeros_like(x)


def never_rounded(x, t):
    return 2 * (x - t)


def slope_two(x, t):
    return 4 * (torch.round(x) - t)


def inner_slope_only(x, t):
    return torch.ones_like(x)


def cut_down_before_squaring(x, t):
    return 2 * (torch.floor(x) - t)
