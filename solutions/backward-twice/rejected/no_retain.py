#: score = 5
#: keeps = "error"
#: lines = "failed author:zero-does-not-help"
import torch


def leaf(x):
    return x.clone().requires_grad_()


def fails(x):
    x = leaf(x)
    y = (x * x).sum()
    y.backward()
    y.backward()


def doubles(x):
    x = leaf(x)
    y = x.sum()
    y.backward()
    y.backward()
    return x.grad


def keeps(x):
    # retain_graph is given too late: to the second call
    x = leaf(x)
    y = (x * x).sum()
    y.backward()
    y.backward(retain_graph=True)
    return x.grad


PREDICTIONS = {"lines": ["raises", "doubles", "doubles", "doubles"]}
