"""Classic wrong answers about the slope of a solution, as code.

The default argument is that of the given code: it serves the typed answer, for which these functions
are called without inputs.
"""

import torch

GIVEN_X = torch.tensor([2.0, 10.0], dtype=torch.float64)


def _solved(x):
    y = x
    for _ in range(100):
        y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y


def cube_root(x):
    return torch.sign(x) * torch.abs(x) ** (1 / 3)


def not_settled(x):
    return x - x**3 / (3 * x**2 + 1)


def upside_down(x=GIVEN_X):
    return 3 * _solved(x) ** 2 + 1


def at_x(x=GIVEN_X):
    return 1 / (3 * x**2 + 1)


def linear_term_lost(x=GIVEN_X):
    return 1 / (3 * _solved(x) ** 2)


def one_over_x(x=GIVEN_X):
    return 1 / x


def residual_not_divided(x=GIVEN_X):
    return torch.ones_like(x)
