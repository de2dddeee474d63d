#: score = 10
import math

import torch


def f(a):
    b = a + a
    while torch.norm(b) < 1000:
        b *= 2
    c = b if b.sum() > 0 else 100 * b
    return c


def grad_f(a):
    # smallest n >= 1 with 2**n * |a| >= 1000
    n = max(1, math.ceil(math.log2(1000 / abs(a.item()))))
    return torch.full_like(a, 2**n * (1 if a > 0 else 100))


PREDICTIONS = dict(ratio=True)
