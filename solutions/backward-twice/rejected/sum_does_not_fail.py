#: score = 4
#: fails = "failed"
#: lines = "failed author:never-raises"
# A sum puts nothing aside, so nothing is missing the second time.
import torch


def fails(x):
    x = x.clone().requires_grad_()
    y = x.sum()
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
    y.backward()
    return x.grad


PREDICTIONS = {"lines": ["doubles", "doubles", "doubles", "same"]}
