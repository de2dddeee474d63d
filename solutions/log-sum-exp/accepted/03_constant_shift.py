#: score = 10
# m 两处都 detach，当作常数，梯度不变
import math

import torch


def f(x):
    m = x.detach().max()
    return (x - m).exp().sum().log() + m


def grad_f(x):
    return torch.exp(x - f(x))


PREDICTIONS = {"naive_y": math.inf, "naive_grad": (math.nan, 0.0)}
