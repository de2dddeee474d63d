#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(x, c):
    return (torch.sort(x).values * c).sum()


def grad_f(x, c):
    x = x.clone().requires_grad_(True)
    f(x, c).backward()
    return x.grad


PREDICTIONS = {"order": [1, 2, 0], "x_grad": [30, 10, 20]}
