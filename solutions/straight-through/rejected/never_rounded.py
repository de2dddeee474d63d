#: score = 4
#: value = "failed author:not-rounded"
#: prediction = "failed author:never-rounded"
import torch


def f(x):
    return x + (x - x).detach()


def grad_loss(x, t):
    # the gradient goes straight through, so f can be left out
    return 2 * (x - t)


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
