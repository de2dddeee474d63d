#: score = 10
import torch


def f(x):
    return x + (torch.round(x) - x).detach()


def grad_loss(x, t):
    return 2 * (torch.round(x) - t)


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
