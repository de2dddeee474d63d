#: score = 10
# 牛顿法求平方根，误差足够小就停下
import torch


def steps(a):
    y, dy = torch.ones_like(a), torch.zeros_like(a)
    size, dsize = abs(a), torch.sign(a)
    for _ in range(40):
        y, dy = (y + size / y) / 2, (dy + (dsize * y - size * dy) / (y * y)) / 2
        if abs(y * y - size) < 1e-3 * size:
            break
    return y, dy


def f(a):
    return steps(a)[0]


def grad_f(a):
    return steps(a)[1]


PREDICTIONS = {"slopes": "72, -40, 18"}
