"""Classic wrong answers about the gradient of a sort, as code.

For the typed answers they are called with the numbers of the given code.
"""

import torch


def not_sorted(x, c):
    return (x * c).sum()


def largest_first(x, c):
    return (torch.sort(x, descending=True).values * c).sum()


def gradient_not_sorted(x, c):
    return c.clone()


def gradient_largest_first(x, c):
    return c.flip(0)[torch.argsort(torch.argsort(x))]


def wrong_direction(x, c):
    return c[torch.argsort(x)]


def stays_in_place(x, c):
    return c.clone()


def by_c(x, c):
    return torch.sort(x).values


def descending(x, c):
    return c.flip(0)[torch.argsort(torch.argsort(x))]


def places_instead(x, c):
    return torch.argsort(torch.argsort(x))


def counted_from_one(x, c):
    return torch.argsort(x) + 1


def numbers_instead(x, c):
    return torch.sort(x).values
