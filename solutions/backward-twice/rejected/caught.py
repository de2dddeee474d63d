#: score = 3
#: fails = "failed"
#: doubles = "failed author:replaced-ones"
#: keeps = "failed author:replaced"
import torch


def fails(x):
    x = x.clone().requires_grad_()
    y = (x * x).sum()
    y.backward()
    try:
        y.backward()
    except RuntimeError as error:
        print(error)
    return x.grad


def doubles(x):
    # the second one replaces the first
    x = x.clone().requires_grad_()
    y = x.sum()
    y.backward()
    x.grad = None
    y.backward()
    return x.grad


def keeps(x):
    return 2 * x


PREDICTIONS = {"lines": ["raises", "doubles", "doubles", "same"]}
