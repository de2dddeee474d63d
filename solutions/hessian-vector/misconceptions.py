"""Classic wrong Hessian-vector products, as code.

For the typed answers they are called with the numbers of the given code.
"""

import torch
from reference import closed_form


def hessian(x):
    return torch.stack([torch.stack([2 * x[1], 2 * x[0]]), torch.stack([2 * x[0], 6 * x[1]])])


def gradient_times_v(x, v):
    return closed_form(x) * v


def diagonal(x, v):
    return torch.diagonal(hessian(x)) * v


def no_v(x, v):
    return hessian(x).sum(0)


def entry_by_entry(x, v):
    return hessian(x) * v


def both_sides(x, v):
    return v @ hessian(x) @ v


def mixed_once(x, v):
    return torch.stack([2 * x[1] * v[0] + 2 * x[0] * v[1], 6 * x[1] * v[1]])
