#: score = 10
import torch


def norm(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5)
    return g * (x - mu) / sigma


def grad_x(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5)
    xhat = (x - mu) / sigma
    return (g - g.mean() - xhat * (g * xhat).mean()) / sigma


PREDICTIONS = {"sum_grad": [0, 0, 0], "doubled": "half"}
