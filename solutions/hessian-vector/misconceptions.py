"""Classic wrong Hessian-vector products, as code.

The default arguments are the given code's: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch
from reference import closed_form

GIVEN_X = torch.tensor([1.0, 2.0], dtype=torch.float64)
GIVEN_V = torch.tensor([1.0, -1.0], dtype=torch.float64)


def hessian(x):
    return torch.stack([torch.stack([2 * x[1], 2 * x[0]]), torch.stack([2 * x[0], 6 * x[1]])])


def gradient_times_v(x=GIVEN_X, v=GIVEN_V):
    return closed_form(x) * v


def diagonal(x=GIVEN_X, v=GIVEN_V):
    return torch.diagonal(hessian(x)) * v


def no_v(x=GIVEN_X, v=GIVEN_V):
    return hessian(x).sum(0)


def entry_by_entry(x=GIVEN_X, v=GIVEN_V):
    return hessian(x) * v


def both_sides(x=GIVEN_X, v=GIVEN_V):
    return v @ hessian(x) @ v


def mixed_once(x=GIVEN_X, v=GIVEN_V):
    return torch.stack([2 * x[1] * v[0] + 2 * x[0] * v[1], 6 * x[1] * v[1]])
