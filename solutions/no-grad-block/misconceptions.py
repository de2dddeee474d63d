"""Classic wrong gradients of a product with a factor from a no_grad block, as code.

The default argument is the given code's x: it serves the typed answer, for which these functions
are called without inputs.
"""

import torch

GIVEN_X = torch.tensor(5.0, dtype=torch.float64)


def block_without_effect(x):
    return 3 * x**2


def block_around_the_other(x):
    return 2 * x**2


def ignores_the_block(x=GIVEN_X):
    return 3 * x**2


def all_off(x=GIVEN_X):
    return torch.zeros_like(x)


def only_the_block(x=GIVEN_X):
    return 2 * x**2


def derivative_of_u(x=GIVEN_X):
    return 2 * x
