"""Classic wrong derivatives of ln(x²)·sin x + 1/x, as code.

The default argument is the x of the given code: it serves the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_X = torch.tensor(2.0, dtype=torch.float64)


def no_inner_derivative(x=GIVEN_X):
    return torch.sin(x) / x**2 + torch.log(x**2) * torch.cos(x) - 1 / x**2


def product_of_derivatives(x=GIVEN_X):
    return 2 / x * torch.cos(x) - 1 / x**2


def reciprocal_rises(x=GIVEN_X):
    return 2 / x * torch.sin(x) + torch.log(x**2) * torch.cos(x) + 1 / x**2


def reciprocal_lost(x=GIVEN_X):
    return 2 / x * torch.sin(x) + torch.log(x**2) * torch.cos(x)


def sine_constant(x=GIVEN_X):
    return 2 / x * torch.sin(x) - 1 / x**2


def logarithm_constant(x=GIVEN_X):
    return torch.log(x**2) * torch.cos(x) - 1 / x**2


def cosine_sign(x=GIVEN_X):
    return 2 / x * torch.sin(x) - torch.log(x**2) * torch.cos(x) - 1 / x**2


def value_at_two():
    return torch.log(GIVEN_X**2) * torch.sin(GIVEN_X) + 1 / GIVEN_X


def squared_logarithm(x):
    return torch.log(x) ** 2 * torch.sin(x) + 1 / x


def sine_of_the_product(x):
    return torch.log(x**2 * torch.sin(x)) + 1 / x
