#: score = 4
#: gradient = "failed missing-factor"
#: prediction = "failed value-not-gradient"
# 照搬直通写法：数值是对的，斜率成了 1
import torch


def solved(x):
    y = x.detach()
    for _ in range(80):
        y = y - (y**3 + y - x.detach()) / (3 * y**2 + 1)
    return y


def root(x):
    return x + (solved(x) - x).detach()


def grad_root(x):
    return solved(x)


PREDICTIONS = {"x_grad": [0.25, 0.0769], "without_step": "raises"}
