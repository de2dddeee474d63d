#: score = 4
#: prediction = "failed author:summed"
#: vjp = "failed reduced"
#: x-grad = "failed author:summed"
# 因为有 sum()，所以把梯度也加起来了
import torch


def f(x):
    return x * x


def grad_f(x):
    return (2 * x).sum()


def vjp_f(x, v):
    return torch.dot(2 * x, v)


PREDICTIONS = {"x_grad": 12}
