#: score = 3
#: doubles = "failed scale"
#: keeps = "failed author:multiplied"
#: lines = "failed author:overwrites"
# doubles 里多调用了一次 backward
import torch


def fails(x):
    x = x.clone().requires_grad_()
    y = (x * x).sum()
    y.backward()
    y.backward()


def doubles(x):
    x = x.clone().requires_grad_()
    y = x.sum()
    for _ in range(3):
        y.backward()
    return x.grad


def keeps(x):
    x = x.clone().requires_grad_()
    y = (x * x).sum()
    (g,) = torch.autograd.grad(y, x)
    return g * g


PREDICTIONS = {"lines": ["raises", "same", "same", "same"]}
