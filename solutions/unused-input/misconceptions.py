"""Classic wrong answers about an input that is not used, as code."""

import torch


def bias_added(w, b, x):
    return ((w * x + b) ** 2).sum()


def inner_factor_lost(w, b, x):
    return 2 * w * x


def one_x_only(w, b, x):
    return 2 * x


def zeros_for_none(w, b, x):
    return torch.zeros_like(b)


def as_if_added(w, b, x):
    return 2 * (w * x + b)


def as_if_added_without_b(w, b, x):
    return 2 * w * x


def same_as_for_w(w, b, x):
    return 2 * w * x * x
