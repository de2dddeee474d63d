#: score = 10
import torch


def f(a):
    b = a.mul(2)
    i = 0
    while b.norm() < 1000:
        b = b.mul(2)
        i += 1
    print("循环次数:", i)
    return b if b.sum() > 0 else b.mul(100)


def grad_f(a):
    # one entry is enough: the ratio is the same for all
    ratio = f(a).flatten()[0] / a.flatten()[0]
    return ratio.expand(a.shape).clone()


PREDICTIONS = {"a_grad": [4.0, 4.0], "a_grad_weighted": [4800.0, -1600.0]}
