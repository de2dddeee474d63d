#: score = 7
#: vjp = "failed author:summed-cotangent"
import torch


def f(x):
    return x * x


def grad_f(x):
    return 2 * x


def vjp_f(x, v):
    return torch.sum(v) * 2 * x


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
