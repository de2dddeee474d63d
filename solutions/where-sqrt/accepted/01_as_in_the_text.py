#: score = 10
import torch


def naive(x):
    return torch.where(x > 0, torch.sqrt(x), torch.zeros_like(x))


def grad_naive(x):
    return torch.where(x > 0, 1 / (2 * torch.sqrt(x)), torch.nan)


def safe(x):
    inside = torch.where(x > 0, x, torch.ones_like(x))
    return torch.where(x > 0, torch.sqrt(inside), torch.zeros_like(x))


PREDICTIONS = {"both": [float("nan"), 0]}
