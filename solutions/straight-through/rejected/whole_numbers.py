#: score = 4
#: value = "failed author:cut-down"
#: prediction = "failed author:cut-down-before-squaring"
# floor in both places; where x is whole already, no one notices
import torch


def f(x):
    return x + (torch.floor(x) - x).detach()


def grad_loss(x, t):
    return 2 * (torch.floor(x) - t)


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
