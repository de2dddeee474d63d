#: score = 5
#: fails = "failed"
#: keeps = "failed author:replaced"
# backward of a vector: an error, but another one.
import torch


def fails(x):
    x = x.clone().requires_grad_()
    y = x * x
    y.backward()
    y.backward()


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
    return x.grad


PREDICTIONS = {"lines": ["raises", "doubles", "doubles", "same"]}
