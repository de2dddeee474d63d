#: score = 10
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c


def grad_f(a):
    return f(a) / a


PREDICTIONS = {"a_grad": [4, 4], "a_grad_weighted": [4800, -1600]}
