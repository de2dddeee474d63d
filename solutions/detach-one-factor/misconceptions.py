"""Classic wrong gradients of detach(x)·x + x², as code.

For the typed answers they are called with the numbers of the given code.
"""

import torch


def product_cut(x):
    return 2 * x


def square_cut(x):
    return x.clone()


def no_detach(x):
    return 4 * x


def product_lost(x):
    return 2 * x


def square_lost(x):
    return x.clone()


def factor_gone(x):
    return 1 + 2 * x


def all_cut(x):
    return torch.zeros_like(x)


def value_of_f(x):
    return 2 * x**2
