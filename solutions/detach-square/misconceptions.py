"""Classic wrong slopes of x · detach(x²), as code.

The default argument is the given code's x: it serves the typed answer, for which these functions
are called without inputs.
"""

import torch

GIVEN_X = torch.tensor(4.0, dtype=torch.float64)


def outer_x_cut(x):
    return 2 * x**2


def no_detach(x=GIVEN_X):
    return 3 * x**2


def cut_path(x=GIVEN_X):
    return 2 * x**2


def slope_of_the_square(x=GIVEN_X):
    return 2 * x


def all_cut(x=GIVEN_X):
    return torch.zeros_like(x)


def curve_detached_too(x):
    return x**2


def curve_without_the_outer_x(x):
    return 2 * x**2
