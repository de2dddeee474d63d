#: score = 6
#: prediction = "failed author:gain-ignored"
# 归一化后总和为零，所以以为梯度也总是零
import torch


def norm(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5)
    return g * (x - mu) / sigma


def grad_x(x, g):
    return torch.zeros_like(x)


PREDICTIONS = {"sum_grad": [0, 0, 0], "doubled": "half"}
