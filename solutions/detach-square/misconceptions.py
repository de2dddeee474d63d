"""Classic wrong slopes of x · detach(x²), as code.

For the typed answers they are called with the numbers of the given code.
"""

import torch


def outer_x_cut(x):
    return 2 * x**2


def no_detach(x):
    return 3 * x**2


def cut_path(x):
    return 2 * x**2


def slope_of_the_square(x):
    return 2 * x


def all_cut(x):
    return torch.zeros_like(x)


def curve_detached_too(x):
    return x**2


def curve_without_the_outer_x(x):
    return 2 * x**2


def value_of_f(x):
    return x**3
