#: score = 2
#: value = "failed author:not-centred"
#: gradient = "failed"
#: prediction = "failed"
import torch


def norm(x, g):
    sigma = torch.sqrt(((x - x.mean()) ** 2).mean() + 1e-5)
    return g * x / sigma


def grad_x(x, g):
    sigma = torch.sqrt(((x - x.mean()) ** 2).mean() + 1e-5)
    h = (x - x.mean()) / sigma
    return (g - h * (g * x).mean() / sigma) / sigma


PREDICTIONS = {"sum_grad": [0, 0, 0], "doubled": "half"}
