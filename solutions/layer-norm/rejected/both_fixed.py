#: score = 4
#: prediction = "failed author:both-fixed"
#: sum-grad = "failed author:both-fixed"
#: doubled = "failed author:gradient-unchanged"
import torch


def norm(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5)
    return g * (x - mu) / sigma


def grad_x(x, g):
    # (x - mu) / sigma is linear in x
    return g / torch.sqrt(x.var(unbiased=False) + 1e-5)


PREDICTIONS = {"sum_grad": [0.463, 0.463, 0.463], "doubled": "same"}
