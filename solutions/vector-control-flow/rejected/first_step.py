#: score = 5
#: prediction = "failed author:first-step"
#: a-grad = "failed author:first-step"
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    return 2 * torch.ones_like(a)


PREDICTIONS = {"a_grad": [2, 2], "a_grad_weighted": [4800, -1600]}
