#: score = 6
#: prediction = "failed author:value"
# d.backward() 之后打印的是 d，不是 a.grad
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    d = f(a)
    return d


PREDICTIONS = {"ratio": True}
