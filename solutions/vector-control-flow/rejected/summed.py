#: score = 6
#: prediction = "failed reduced"
# d.sum() 是一个数，就以为它的梯度也是一个数
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    return (f(a) / a).sum()


PREDICTIONS = {"a_grad": [4, 4], "a_grad_weighted": [4800, -1600]}
