#: score = 4
#: prediction = "failed scale"
#: x-grad = "failed scale"
#: first-of-eight = "failed"
# 平方求导的 2 漏掉了
import torch


def f(x):
    return (x**2).mean()


def grad_f(x):
    return x / x.numel()


PREDICTIONS = {"x_grad": [0.25, 0.5, 0.75, 1], "first_of_eight": 0.125}
