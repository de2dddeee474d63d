"""Classic wrong gradients of section 2.5.3, as code."""

import torch


def no_detach(x):
    return 3 * x**2


def cut_path(x):
    return 2 * x**2


def derivative_of_u(x):
    return 2 * x


def cut_y(x):
    return torch.zeros_like(x)


def accumulated(x):
    return x**2 + 2 * x


def equal_at_zero(x, compared):
    return compared == 3 * x**2


def equal_at_zero_and_two(x, compared):
    return compared == 2 * x
