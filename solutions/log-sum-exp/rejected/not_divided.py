#: score = 4
#: prediction = "failed author:not-divided"
#: naive-y = "failed author:nan-already"
#: naive-grad = "failed author:infinite-slope"
import torch


def f(x):
    return torch.logsumexp(x, dim=0)


def grad_f(x):
    # 指数求导还是指数
    return torch.exp(x)


PREDICTIONS = {"naive_y": float("nan"), "naive_grad": [float("inf"), 1]}
