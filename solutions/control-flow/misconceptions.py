"""Classic wrong gradients of section 2.5.4, as code."""

import torch
from reference import f


def first_step(a):
    return torch.full_like(a, 2.0)


def no_hundred(a):
    b, factor = 2 * a, 2.0
    while b.norm() < 1000:
        b, factor = 2 * b, 2 * factor
    return torch.full_like(a, factor)


def value(a):
    return f(a)


def inverse(a):
    return a / f(a)


def one_doubling_more(a):
    b = 2 * a
    while b.norm() <= 1000:
        b = 2 * b
    return b if b.sum() > 0 else 100 * b


def one_doubling_more_slope(a):
    return one_doubling_more(a) / a
