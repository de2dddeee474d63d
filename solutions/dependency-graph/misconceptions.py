"""Classic wrong values of ln(x²)·sin x + 1/x, as code."""

import torch


def square_of_the_log(x):
    return torch.log(x) ** 2 * torch.sin(x) + 1 / x


def sine_inside(x):
    return torch.log(x**2 * torch.sin(x)) + 1 / x


def log_of_x(x):
    return torch.log(torch.abs(x)) * torch.sin(x) + 1 / x
