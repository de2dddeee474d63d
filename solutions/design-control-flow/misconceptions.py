"""Classic wrong slopes of the given g, as code."""

import torch
from reference import closed_form, f

POINTS = (4.0, -5.0, 9.0)


def _at(slope):
    return torch.stack([torch.as_tensor(slope(torch.tensor(p, dtype=torch.float64))) for p in POINTS])


def loop_ignored():
    return _at(lambda a: 2 * a if a > 0 else 2 * a - 10)


def ratio():
    return _at(lambda a: f(a) / a)


def branch_ignored():
    return _at(lambda a: closed_form(a) if a > 0 else closed_form(a) + 10)


def one_pass():
    return _at(lambda a: 2 * a if a * a >= 50 else 6 * a if a > 0 else 6 * a - 10)


def values():
    return _at(f)
