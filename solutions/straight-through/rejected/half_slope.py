#: score = 6
#: prediction = "failed scale"
import torch


def f(x):
    return x + (torch.round(x) - x).detach()


def grad_loss(x, t):
    # 平方求导的 2 忘了
    return torch.round(x) - t


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
