#: score = 4
#: prediction = "failed author:sum-alone"
#: first-grad = "failed"
#: sum-grad = "failed author:sum-alone"
import torch


def f(x):
    return torch.softmax(x, dim=0).sum()


def grad_f(x):
    # the gradient of a sum
    return torch.ones_like(x)


PREDICTIONS = {"first_grad": [1, 0], "sum_grad": [1, 1]}
