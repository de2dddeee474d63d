#: score = 6
#: prediction = "failed sign"
import torch


def f(x):
    return x + (torch.round(x) - x).detach()


def grad_loss(x, t):
    return 2 * (t - torch.round(x))


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
