#: score = 0
#: value = "failed author:added-up"
#: gradient = "failed"
#: prediction = "failed author:sum-of-rounds"
#: x-grad = "failed author:sum-of-rounds"
#: cut-grad = "failed author:detached-as-one"
# 把连乘写成了连加
import torch


def f(x, n):
    y = torch.zeros_like(x)
    for _ in range(n):
        y = y + x
    return y


def grad_f(x, n):
    return n * torch.ones_like(x)


PREDICTIONS = {"x_grad": 4, "cut_grad": 1}
