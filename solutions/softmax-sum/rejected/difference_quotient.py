#: score = 7
#: prediction = "failed finite-difference"
import torch


def f(x):
    return torch.softmax(x, dim=0).sum()


def grad_f(x):
    h = 1e-7
    g = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = h
        g[i] = (f(x + step) - f(x)) / h
    return g


PREDICTIONS = {"first_grad": [0.25, -0.25], "sum_grad": [0, 0]}
