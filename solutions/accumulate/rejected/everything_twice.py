#: score = 5
#: gradient = "failed scale"
#: prediction = "failed scale"
# 两次反向传播，所以什么都乘以 2
import torch


def together(x):
    return 2 * (x**2 + 3 * x).sum()


def grad_after(x):
    return 2 * (2 * x + 3)


PREDICTIONS = {"after_first": 4, "after_second": 7, "after_third": 10}
