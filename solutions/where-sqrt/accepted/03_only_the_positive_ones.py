#: score = 10
import numpy as np
import torch


def naive(x):
    root = torch.sqrt(x)
    return torch.where(x <= 0, torch.tensor(0.0, dtype=x.dtype), root)


def grad_naive(x):
    g = np.full(x.shape, np.nan)
    positive = x.numpy() > 0
    g[positive] = 0.5 / np.sqrt(x.numpy()[positive])
    return torch.from_numpy(g)


def safe(x):
    # the root of the positive entries only, written into a row of zeros
    out = torch.zeros_like(x)
    positive = x > 0
    out[positive] = torch.sqrt(x[positive])
    return out


PREDICTIONS = dict(both="nan, 0")
