import torch


def f(x):
    a = x ** 2
    b = torch.log(a)
    c = torch.sin(x)
    d = b * c
    e = 1 / x
    y = d + e
    return y
