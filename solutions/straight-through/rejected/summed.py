#: score = 6
#: prediction = "failed reduced"
import torch


def f(x):
    return x + (torch.round(x) - x).detach()


def grad_loss(x, t):
    # the loss is one number, and so I return one
    return (2 * (f(x) - t)).sum()


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
