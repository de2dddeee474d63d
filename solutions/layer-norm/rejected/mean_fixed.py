#: score = 5
#: prediction = "failed author:mean-fixed"
#: sum-grad = "failed author:ones-of-a-sum"
import torch


def norm(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5)
    return g * (x - mu) / sigma


def grad_x(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5)
    h = (x - mu) / sigma
    return (g - h * (g * h).mean()) / sigma


PREDICTIONS = {"sum_grad": [1, 1, 1], "doubled": "half"}
