#: score = 6
#: value = "failed"
#: gradient = "failed author:unchanged-slope"
# 先算了平方，再改写第一个分量
import torch


def f(x):
    y = x.clone()
    z = y * y
    z[0] = 5.0 + z[0]
    return z.sum()


def grad_f(x):
    g = 2 * x
    g[0] = 0
    return g


PREDICTIONS = {"raises": False, "x_grad": [0, 4, 6]}
