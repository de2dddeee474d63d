"""Classic wrong second derivatives of x sin x, as code."""

import torch
from reference import closed_form


def first(x):
    return closed_form(x)


def not_cleared(x):
    return closed_form(x) + 2 * torch.cos(x) - x * torch.sin(x)


def one_cosine(x):
    return torch.cos(x) - x * torch.sin(x)


def factor_by_factor(x):
    return -x * torch.sin(x)


def sine_and_back(x):
    return 2 * torch.cos(x) + x * torch.sin(x)


def no_product_rule(x):
    return -torch.sin(x)
