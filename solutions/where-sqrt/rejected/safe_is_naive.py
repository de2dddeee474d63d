#: score = 6
#: safe = "failed nan"
#: both = "failed author:both-nan"
# 第二个 where 放错了位置：放在开方之后，等于没放
import torch


def naive(x):
    return torch.where(x > 0, torch.sqrt(x), 0.0)


def grad_naive(x):
    return torch.where(x > 0, 0.5 / torch.sqrt(x), torch.nan)


def safe(x):
    y = torch.where(x > 0, torch.sqrt(x), 0.0)
    return torch.where(x > 0, y, 0.0)


PREDICTIONS = {"both": [float("nan"), float("nan")]}
