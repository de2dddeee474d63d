#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return torch.logsumexp(x, dim=0)


def grad_f(x):
    x = x.clone().requires_grad_(True)
    f(x).backward()
    return x.grad


PREDICTIONS = {"naive_y": float("inf"), "naive_grad": [float("nan"), 0]}
