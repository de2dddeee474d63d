"""Classic wrong Jacobians of f = (x₀x₁, x₁x₂²), as code."""

import torch


def whole(x):
    zero = torch.zeros_like(x[0])
    return torch.stack([torch.stack([x[1], x[0], zero]), torch.stack([zero, x[2] ** 2, 2 * x[1] * x[2]])])


def rows_added(x):
    return whole(x).sum(0)


def columns_added(x):
    return whole(x).sum(1)


def value_in_place_of_zero(x):
    first, second = x[0] * x[1], x[1] * x[2] ** 2
    return torch.stack([torch.stack([x[1], x[0], first]), torch.stack([second, x[2] ** 2, 2 * x[1] * x[2]])])


def ones_in_place_of_zero(x):
    one = torch.ones_like(x[0])
    return torch.stack([torch.stack([x[1], x[0], one]), torch.stack([one, x[2] ** 2, 2 * x[1] * x[2]])])


def own_variable(x):
    zero = torch.zeros_like(x[0])
    return torch.stack([torch.stack([x[0], x[1], zero]), torch.stack([zero, x[2] ** 2, 2 * x[1] * x[2]])])
