#: score = 10
# The factor is worked out first, as a Python number; f only multiplies by it.
import math

import torch


def factor(a):
    size = math.sqrt(sum(v * v for v in a.detach().flatten().tolist()))
    k = 2
    while k * size < 1000:
        k = k * 2
    return k if a.detach().sum().item() > 0 else 100 * k


def f(a):
    return factor(a) * a


def grad_f(a):
    return factor(a) * torch.ones(a.shape)


PREDICTIONS = dict(a_grad=(4.0, 4.0), a_grad_weighted=(4800.0, -1600.0))
