"""Classic wrong answers about a second backward pass, as code.

For the typed answers they are called with the numbers of the given code.
"""

import torch


def overwritten(x):
    return torch.full_like(x, 3.0)


def first_only(x):
    return 2 * x


def multiplied(x):
    return 2 * x * 3


def values_added(x):
    return x**2 + 3 * x


def third_pass(x):
    return 2 * x + 3 + 3


def same_pass_counts_once(x):
    return 2 * x + 3


def multiplied_again(x):
    return 2 * x * 3 * 3
