#: score = 4
#: gradient = "failed missing-path"
#: prediction = "failed author:last-division-lost"
# 标准差被分离了
import torch


def norm(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5).detach()
    return g * (x - mu) / sigma


def grad_x(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5)
    h = (x - mu) / sigma
    return g - g.mean() - h * (g * h).mean()


PREDICTIONS = {"sum_grad": [0, 0, 0], "doubled": "half"}
