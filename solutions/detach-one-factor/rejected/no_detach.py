#: score = 2
#: gradient = "failed undetached"
#: prediction = "failed author:no-detach"
#: x-grad = "failed author:no-detach"
import torch


def f(x):
    # detach 的结果没有保存
    x.detach()
    return x * x + x**2


def grad_f(x):
    return 4 * x


PREDICTIONS = {"x_grad": 12}
