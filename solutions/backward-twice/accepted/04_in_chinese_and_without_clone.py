#: score = 10
import torch


def fails(x):
    x.requires_grad_(True)
    y = (x * x).sum()
    y.backward()
    print("第一次:", x.grad)
    y.backward()
    return x.grad


def doubles(x):
    x.requires_grad_(True)
    y = x.sum()
    y.backward()
    y.backward()
    return x.grad


def keeps(x):
    x.requires_grad_(True)
    y = (x**2).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


PREDICTIONS = {"lines": ["抛出错误", "x.grad 变成两倍", "x.grad 变成两倍", "x.grad 不变"]}
