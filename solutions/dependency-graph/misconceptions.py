"""A classic wrong value of ln(x²)·sin x + 1/x, as code."""

import torch


def log_of_x(x):
    return torch.log(torch.abs(x)) * torch.sin(x) + 1 / x
