#: score = 6
#: value = "failed author:unchanged-value"
#: gradient = "error"
# y * y 保存了 y，之后再改写 y，反向传播就会报错
import torch


def f(x):
    y = x.clone()
    z = (y * y).sum()
    y[0] = 5.0
    return z


def grad_f(x):
    g = 2 * x
    g[0] = 0
    return g


PREDICTIONS = {"raises": False, "x_grad": [0, 4, 6]}
