#: score = 8
#: gradient = "failed author:square-cut"
# 把 detach 之后的 c 用了三次
import torch


def f(x):
    c = x.detach()
    return c * x + c**2


def grad_f(x):
    return 3 * x


PREDICTIONS = {"x_grad": 9}
