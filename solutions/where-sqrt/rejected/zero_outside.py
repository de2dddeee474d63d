#: score = 6
#: prediction = "failed author:zero-outside"
#: both = "failed author:both-zero"
import torch


def naive(x):
    return torch.where(x > 0, torch.sqrt(x), 0.0)


def grad_naive(x):
    g = torch.zeros_like(x)
    g[x > 0] = 1 / (2 * torch.sqrt(x[x > 0]))
    return g


def safe(x):
    return torch.where(x > 0, torch.sqrt(torch.where(x > 0, x, 1.0)), 0.0)


PREDICTIONS = {"both": [0, 0]}
