#: score = 3
#: prediction = "failed author:values-added"
#: after-second = "failed author:values-added"
#: after-third = "failed"
# 把函数值当成了梯度
import torch


def together(x):
    return (x**2 + 3 * x).sum()


def grad_after(x):
    return x**2 + 3 * x


PREDICTIONS = {"after_first": 4, "after_second": 10, "after_third": 16}
