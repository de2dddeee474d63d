#: score = 4
#: value = "failed author:added-up"
#: gradient = "failed"
#: x-grad = "failed sign"
import torch


def f(x):
    total = 0
    for v in x:
        total = total + v
    return total


def grad_f(x):
    return torch.stack([torch.cat([x[:i], x[i + 1 :]]).prod() for i in range(len(x))])


PREDICTIONS = {"x_grad": [0, -6, 0]}
