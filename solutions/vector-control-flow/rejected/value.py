#: score = 6
#: prediction = "failed value-not-gradient"
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    d = f(a)
    return d


PREDICTIONS = {"a_grad": [4, 4], "a_grad_weighted": [4800, -1600]}
