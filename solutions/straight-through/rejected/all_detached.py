#: score = 4
#: gradient = "failed cut-graph"
#: prediction = "failed author:inner-slope-only"
import torch


def f(x):
    # detach stands around the whole of it
    return (x + torch.round(x) - x).detach()


def grad_loss(x, t):
    return torch.ones_like(x)


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
