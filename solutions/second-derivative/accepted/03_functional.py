#: score = 10
import torch
from torch.func import grad


def g(t):
    return t * t.sin()


def f(x):
    return g(x)


def second_auto(x):
    total = lambda t: g(t).sum()
    return grad(lambda t: grad(total)(t).sum())(x)


def second_formula(x):
    s, c = x.sin(), x.cos()
    return c.add(c).sub(x.mul(s))


PREDICTIONS = {"counts": torch.tensor([3, 7])}
