#: score = 10
# 两次 backward 写成一个循环
import torch


def 叶子(x):
    return x.detach().clone().requires_grad_(True)


def 反复(y, retain):
    for 第几次 in range(2):
        y.backward(retain_graph=retain)


def fails(x):
    反复(torch.dot(*[叶子(x)] * 2), False)


def doubles(x):
    x = 叶子(x)
    反复(torch.sum(x), False)
    return x.grad


def keeps(x):
    x = 叶子(x)
    反复(x.pow(2).sum(), True)
    return x.grad


PREDICTIONS = {"lines": "raises, doubles, doubles, same"}
