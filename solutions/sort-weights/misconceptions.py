"""Classic wrong answers about the gradient of a sort, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_X = torch.tensor([3.0, 1.0, 2.0], dtype=torch.float64)
GIVEN_C = torch.tensor([10.0, 20.0, 30.0], dtype=torch.float64)


def not_sorted(x, c):
    return (x * c).sum()


def largest_first(x, c):
    return (torch.sort(x, descending=True).values * c).sum()


def gradient_not_sorted(x, c):
    return c.clone()


def gradient_largest_first(x, c):
    return c.flip(0)[torch.argsort(torch.argsort(x))]


def wrong_direction(x=GIVEN_X, c=GIVEN_C):
    return c[torch.argsort(x)]


def stays_in_place(x=GIVEN_X, c=GIVEN_C):
    return c.clone()


def by_c(x=GIVEN_X, c=GIVEN_C):
    return torch.sort(x).values


def descending(x=GIVEN_X, c=GIVEN_C):
    return c.flip(0)[torch.argsort(torch.argsort(x))]
