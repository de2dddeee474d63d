#: score = 10
# torch.autograd.grad instead of backward; the adding is done by hand.
import torch


def twice(make, x, **how):
    x = x.clone().requires_grad_()
    y = make(x)
    (first,) = torch.autograd.grad(y, x, **how)
    (second,) = torch.autograd.grad(y, x)
    return first + second


def square(x):
    return (x * x).sum()


def fails(x):
    return twice(square, x)


def doubles(x):
    return twice(torch.sum, x)


def keeps(x):
    return twice(square, x, retain_graph=True)


PREDICTIONS = {"lines": ("raises", "doubles", "doubles", "same")}
