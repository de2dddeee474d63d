"""Classic slips of carrying the derivative of ln(x²)·sin x + 1/x through its lines, as code."""

import math

import torch
from reference import closed_form


def no_tangent(x, t):
    return closed_form(x)


def no_adjoint(x, v):
    return closed_form(x)


def tangent_of_a_forgotten(x, t):
    return (torch.sin(x) / x**2 + torch.log(x * x) * torch.cos(x) - 1 / x**2) * t


def product_of_tangents(x, t):
    return 2 / x * t * torch.cos(x) * t - t / x**2


def plus_the_reciprocal(x, t):
    return (2 / x * torch.sin(x) + torch.log(x * x) * torch.cos(x) + 1 / x**2) * t


def half_the_log(x, t, v):
    return torch.sin(x) / x + torch.log(x * x) * torch.cos(x) - 1 / x**2


def inner_forgotten(x, t, v):
    return torch.sin(x) / x**2 + torch.log(x * x) * torch.cos(x) - 1 / x**2


def factors_apart(x, t, v):
    return 2 / x * torch.cos(x) - 1 / x**2


def local_slopes():
    """Each line differentiated by what it uses, and nothing carried along."""
    b, c = math.log(9.0), math.sin(3.0)
    return torch.tensor([6.0, 1 / 9, math.cos(3.0), b + c, -1 / 9, 2.0], dtype=torch.float64)


def values_pushed():
    b, c = math.log(9.0), math.sin(3.0)
    return torch.tensor([9.0, b, c, b * c, 1 / 3, b * c + 1 / 3], dtype=torch.float64)


def chain_without_a():
    db, dc = 1 / 9, math.cos(3.0)
    dd = db * math.sin(3.0) + math.log(9.0) * dc
    return torch.tensor([6.0, db, dc, dd, -1 / 9, dd - 1 / 9], dtype=torch.float64)


def _back(b, c, last):
    return torch.tensor([1.0, 1.0, c, b, b / 9, last], dtype=torch.float64)


def exchanged_factors():
    """The adjoints of the two factors of d exchanged."""
    b, c = math.log(9.0), math.sin(3.0)
    return _back(b, c, b / 9 * 6 + c * math.cos(3.0) - 1 / 9)


def last_way_only():
    """x keeps what comes back from a alone."""
    b, c = math.sin(3.0), math.log(9.0)
    return _back(b, c, b / 9 * 6)


def without_e():
    b, c = math.sin(3.0), math.log(9.0)
    return _back(b, c, b / 9 * 6 + c * math.cos(3.0))
