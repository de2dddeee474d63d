#: score = 3
#: gradient = "failed missing-path"
#: prediction = "failed author:denominator-only"
#: first-grad = "failed author:first-diagonal-everywhere"
# 把分母当成常数
import torch


def f(x):
    e = torch.exp(x)
    return (e / e.sum().detach()).sum()


def grad_f(x):
    return -torch.softmax(x, dim=0)


PREDICTIONS = {"first_grad": [0.25, 0.25], "sum_grad": [0, 0]}
