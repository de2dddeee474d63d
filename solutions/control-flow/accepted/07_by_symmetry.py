#: score = 10
# f 在正半轴上的斜率可以直接读出来；负半轴多乘一个 100
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    size = a.abs()
    slope = f(size) / size
    if a.item() < 0:
        slope = 100 * slope
    return slope


PREDICTIONS = {"ratio": [True][0]}
