#: score = 6
#: prediction = "failed"
#: both = "failed"
# 导数里漏了 1/2
import torch


def naive(x):
    return torch.where(x > 0, torch.sqrt(x), 0.0)


def grad_naive(x):
    return torch.where(x > 0, 1 / torch.sqrt(x), torch.nan)


def safe(x):
    return torch.where(x > 0, torch.sqrt(torch.where(x > 0, x, 1.0)), 0.0)


PREDICTIONS = {"both": [0, float("nan")]}
