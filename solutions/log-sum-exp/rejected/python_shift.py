#: score = 5
#: value = "failed"
#: prediction = "failed sign"
# The logarithm of the mean: off by log n, which no gradient notices.
import torch


def f(x):
    m = x.max().item()
    return m + torch.log(torch.exp(x - m).mean())


def grad_f(x):
    return -torch.softmax(x, dim=0)


PREDICTIONS = {"naive_y": float("inf"), "naive_grad": [float("nan"), 0]}
