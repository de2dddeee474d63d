#: score = 7
#: prediction = "failed"
# log 的导数写成了再取一次 log
import torch


def f(x):
    return torch.logsumexp(x, dim=0)


def grad_f(x):
    return torch.log_softmax(x, dim=0)


PREDICTIONS = {"naive_y": float("inf"), "naive_grad": [float("nan"), 0]}
