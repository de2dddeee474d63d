#: score = 5
#: naive = "failed"
#: prediction = "failed author:zero-at-zero"
# naive already has the second where, so there is nothing to see.
import torch


def naive(x):
    inside = torch.where(x > 0, x, 1.0)
    return torch.where(x > 0, torch.sqrt(inside), 0.0)


def grad_naive(x):
    g = 1 / (2 * torch.sqrt(x))
    g[x == 0] = 0
    return g


def safe(x):
    return naive(x)


PREDICTIONS = {"both": [float("nan"), 0]}
