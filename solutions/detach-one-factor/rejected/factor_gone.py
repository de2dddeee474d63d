#: score = 4
#: prediction = "failed author:factor-gone"
#: x-grad = "failed author:factor-gone"
# x 的导数是 1，x**2 的导数是 2x
import torch


def f(x):
    return x.detach() * x + x**2


def grad_f(x):
    return 1 + 2 * x


PREDICTIONS = {"x_grad": 7}
