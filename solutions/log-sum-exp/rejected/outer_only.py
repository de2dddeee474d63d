#: score = 5
#: prediction = "failed author:inner-derivative-lost"
#: naive-grad = "failed author:flat"
import torch


def f(x):
    return torch.logsumexp(x, dim=0)


def grad_f(x):
    return torch.ones_like(x) / torch.exp(x).sum()


PREDICTIONS = {"naive_y": float("inf"), "naive_grad": [0, 0]}
