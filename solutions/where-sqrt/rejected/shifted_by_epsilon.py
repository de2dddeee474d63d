#: score = 2
#: prediction = "failed author:infinite-at-zero"
#: value = "failed"
#: safe = "failed"
#: both = "failed author:infinite-naive"
# 加一个小量，负数开方的问题并没有解决，正数的值也变了
import torch


def naive(x):
    return torch.where(x > 0, torch.sqrt(x), 0.0)


def grad_naive(x):
    return 1 / (2 * torch.sqrt(x))


def safe(x):
    return torch.where(x > 0, torch.sqrt(torch.relu(x) + 1e-3), 0.0)


PREDICTIONS = {"both": [float("inf"), 0]}
