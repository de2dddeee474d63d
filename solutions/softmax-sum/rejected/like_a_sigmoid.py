#: score = 4
#: prediction = "failed author:diagonal"
#: first-grad = "failed author:first-diagonal-only"
#: sum-grad = "failed author:diagonal"
import torch


def f(x):
    return torch.softmax(x, dim=0).sum()


def grad_f(x):
    s = torch.softmax(x, dim=0)
    return s * (1 - s)


PREDICTIONS = {"first_grad": [0.25, 0], "sum_grad": [0.25, 0.25]}
