#: score = 8
#: gradient = "failed author:largest-counts-twice"
# 值是对的，但只有一个 m 做了 detach
import torch


def f(x):
    m = x.max()
    return m + torch.log(torch.exp(x - m.detach()).sum())


def grad_f(x):
    return torch.softmax(x, dim=0)


PREDICTIONS = {"naive_y": float("inf"), "naive_grad": [float("nan"), 0]}
