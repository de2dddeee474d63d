#: score = 3
#: doubles = "failed shape"
#: keeps = "failed shape"
#: lines = "malformed"
# 返回的是 y，不是 x.grad；而且忘了要填四个词
import torch


def fails(x):
    x = x.clone().requires_grad_()
    y = (x * x).sum()
    y.backward()
    y.backward()


def doubles(x):
    x = x.clone().requires_grad_()
    y = x.sum()
    y.backward()
    y.backward()
    return y


def keeps(x):
    x = x.clone().requires_grad_()
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return y


PREDICTIONS = {"lines": ["raises", "double", "double", "same"]}
