#: score = 10
# With no zero, divide; with one zero, only its own entry has a slope; with two, none has.
import math

import torch


def f(x):
    return math.prod(x)


def grad_f(x):
    zero = x == 0
    if zero.sum() == 0:
        return torch.prod(x) / x
    g = torch.zeros_like(x)
    if zero.sum() == 1:
        g[zero] = x[~zero].prod()
    return g


PREDICTIONS = dict(x_grad=[0, 6, 0])
