#: score = 8
#: gradient = "failed cut-graph"
# The value is known beforehand; but then nothing leads back to x.
import torch


def f(x):
    return torch.tensor(1.0, dtype=x.dtype)


def grad_f(x):
    return torch.zeros_like(x)


PREDICTIONS = {"first_grad": [0.25, -0.25], "sum_grad": [0, 0]}
