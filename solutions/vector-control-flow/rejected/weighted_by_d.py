#: score = 5
#: prediction = "failed author:weighted"
#: a-grad = "failed author:weighted"
# d.backward(d.detach()) 得到的是 v = d 时的结果
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    d = f(a)
    return d * (d / a)


PREDICTIONS = {"a_grad": [4800, -1600], "a_grad_weighted": [4800, -1600]}
