#: score = 2
#: value = "failed author:divided-by-one-less"
#: gradient = "failed"
#: prediction = "failed"
# x.std() divides by n - 1
import torch


def norm(x, g):
    return g * (x - x.mean()) / torch.sqrt(x.std() ** 2 + 1e-5)


def grad_x(x, g):
    n = len(x)
    sigma = torch.sqrt(x.var() + 1e-5)
    h = (x - x.mean()) / sigma
    return (g - g.mean() - h * (g * h).sum() / (n - 1)) / sigma


PREDICTIONS = {"sum_grad": [0, 0, 0], "doubled": "half"}
