#: score = 8
#: gradient = "failed author:unseen-write"
# 以为原地赋值必须放在 no_grad 里
import torch


def f(x):
    y = x.clone()
    with torch.no_grad():
        y[0] = 5.0
    return (y * y).sum()


def grad_f(x):
    g = 2 * x
    g[0] = 0
    return g


PREDICTIONS = {"raises": False, "x_grad": [0, 4, 6]}
