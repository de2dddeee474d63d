#: score = 6
#: value = "failed author:shift-not-added"
#: gradient = "failed author:largest-is-taken-away"
import torch


def f(x):
    return torch.log(torch.exp(x - x.max()).sum())


def grad_f(x):
    return torch.softmax(x, dim=0)


PREDICTIONS = {"naive_y": float("inf"), "naive_grad": [float("nan"), 0]}
