#: score = 6
#: gradient = "failed cut-graph"
#: recorded = "failed author:x-switched-off"
# return 多缩进了一层，乘法也落进了块里
import torch


def f(x):
    with torch.no_grad():
        u = x * x
        return u * x


def grad_f(x):
    return x**2


PREDICTIONS = {"recorded": [False, False, False], "x_grad": 25}
