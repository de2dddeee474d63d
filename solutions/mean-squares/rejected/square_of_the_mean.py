#: score = 3
#: value = "failed author:square-of-mean"
#: gradient = "failed"
#: prediction = "failed"
# The brackets are in the wrong place, in f and so in its gradient.
import torch


def f(x):
    return x.mean() ** 2


def grad_f(x):
    return torch.full_like(x, 2 * x.mean().item() / x.numel())


PREDICTIONS = {"x_grad": [0.5, 1, 1.5, 2], "first_of_eight": 0.25}
