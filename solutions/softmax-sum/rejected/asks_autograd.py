#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return torch.softmax(x, dim=0).sum()


def grad_f(x):
    x = x.clone().requires_grad_()
    f(x).backward()
    return x.grad


PREDICTIONS = {"first_grad": [0.25, -0.25], "sum_grad": [0, 0]}
