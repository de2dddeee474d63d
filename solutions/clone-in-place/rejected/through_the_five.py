#: score = 5
#: prediction = "failed author:through-the-five"
#: x-grad = "failed author:through-the-five"
# 梯度是 2y，把 y 代进去
import torch


def f(x):
    y = x.clone()
    y[0] = 5.0
    return (y * y).sum()


def grad_f(x):
    y = x.clone()
    y[0] = 5.0
    return 2 * y


PREDICTIONS = {"raises": False, "x_grad": [10, 4, 6]}
