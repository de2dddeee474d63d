"""Classic wrong answers about a gradient penalty, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_W = torch.tensor([1.0, 1.0], dtype=torch.float64)
GIVEN_X = torch.tensor([1.5, 2.0], dtype=torch.float64)


def _parts(w, x):
    slope = 2 * w * x
    return slope, torch.sqrt((slope**2).sum())


def one_not_subtracted(w, x):
    return _parts(w, x)[1] ** 2


def not_squared(w, x):
    return _parts(w, x)[1] - 1


def slope_by_w(w, x):
    return ((x**4).sum().sqrt() - 1) ** 2


def mark_itself(w, x):
    return ((w * x**2).sum() - 1) ** 2


def square_not_differentiated(w=GIVEN_W, x=GIVEN_X):
    slope, length = _parts(w, x)
    return (length - 1) * slope / length * 2 * x


def length_not_divided(w=GIVEN_W, x=GIVEN_X):
    slope, length = _parts(w, x)
    return 2 * (length - 1) * slope * 2 * x


def length_skipped(w=GIVEN_W, x=GIVEN_X):
    _, length = _parts(w, x)
    return 2 * (length - 1) * 2 * x


def by_the_slope(w=GIVEN_W, x=GIVEN_X):
    slope, length = _parts(w, x)
    return 2 * (length - 1) * slope / length


def by_the_input(w=GIVEN_W, x=GIVEN_X):
    slope, length = _parts(w, x)
    return 2 * (length - 1) * slope / length * 2 * w


def one_forgotten(w=GIVEN_W, x=GIVEN_X):
    return 2 * _parts(w, x)[0] * 2 * x
