"""Classic wrong gradients of a product with a factor from a no_grad block, as code.

For the typed answers they are called with the numbers of the given code.
"""

import torch


def block_without_effect(x):
    return 3 * x**2


def block_around_the_other(x):
    return 2 * x**2


def ignores_the_block(x):
    return 3 * x**2


def all_off(x):
    return torch.zeros_like(x)


def only_the_block(x):
    return 2 * x**2


def derivative_of_u(x):
    return 2 * x


def value_of_z(x):
    return x**3
