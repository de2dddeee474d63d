#: score = 4
#: fails = "failed"
#: lines = "failed author:always-raises"
# 自己 raise 一个同样的错误
import torch


def fails(x):
    raise RuntimeError("Trying to backward through the graph a second time")


def doubles(x):
    x = x.clone().requires_grad_()
    y = x.sum()
    y.backward()
    y.backward()
    return x.grad


def keeps(x):
    x = x.clone().requires_grad_()
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


PREDICTIONS = {"lines": ["raises", "raises", "doubles", "raises"]}
