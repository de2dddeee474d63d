"""Classic wrong values and gradients of a mean of squares, as code.

The default argument is the x of the given code: it serves the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_X = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)


def no_count(x=GIVEN_X):
    return 2 * x


def averaged(x=GIVEN_X):
    return (2 * x).mean()


def four_entries(x):
    return x / 2


def rows(x):
    return 2 * x / len(x)


def divided_twice(x=GIVEN_X):
    return 2 * x / x.numel() ** 2


def sum_for_mean(x):
    return (x**2).sum()


def square_of_mean(x):
    return x.mean() ** 2
