#: score = 2
#: value = "failed author:gain-missing"
#: gradient = "failed missing-factor"
#: prediction = "failed shape"
# forgets g, and gives one number
import torch


def norm(x, g):
    mu = x.mean()
    return (x - mu) / torch.sqrt(((x - mu) ** 2).mean() + 1e-5)


def grad_x(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5)
    h = (x - mu) / sigma
    return ((g - g.mean() - h * (g * h).mean()) / sigma).sum()


PREDICTIONS = {"sum_grad": [0, 0, 0], "doubled": "half"}
