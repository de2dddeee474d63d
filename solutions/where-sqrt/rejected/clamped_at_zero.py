#: score = 4
#: prediction = "failed author:infinite"
#: safe = "failed nan"
# The clamp takes the negative numbers away, but leaves the zero, where the slope is infinite.
import torch


def naive(x):
    return torch.where(x > 0, torch.sqrt(x), 0.0)


def grad_naive(x):
    slope = 0.5 / torch.sqrt(x)
    return torch.where(x > 0, slope, float("inf"))


def safe(x):
    return torch.where(x > 0, torch.sqrt(torch.clamp(x, min=0)), 0.0)


PREDICTIONS = {"both": [float("nan"), 0]}
