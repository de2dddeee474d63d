#: score = 10
import torch


def double(b):
    return b if b.norm() >= 1000 else double(b * 2)


def f(a):
    b = double(2 * a)
    return b if b.sum() > 0 else b * 100


def slope(b, factor):
    if b.abs() >= 1000:
        return factor
    return slope(b * 2, factor * 2)


def grad_f(a):
    one = torch.ones_like(a)
    factor = slope(2 * a, 2 * one)
    return torch.where(a > 0, factor, 100 * factor)


PREDICTIONS = {"ratio": True}
