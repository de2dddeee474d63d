#: score = 7
#: prediction = "failed reduced"
import torch


def f(x, c):
    return (torch.sort(x).values * c).sum()


def grad_f(x, c):
    # f is one number, so its gradient is the sum of the weights
    return c.sum()


PREDICTIONS = {"order": [1, 2, 0], "x_grad": [30, 10, 20]}
