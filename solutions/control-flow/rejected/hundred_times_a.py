#: score = 6
#: value = "failed one-branch"
#: gradient = "failed one-branch"
# return 100 * a on the negative branch, where it should be 100 * b
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        return b
    return 100 * a


def grad_f(a):
    b = 2 * a
    factor = 2.0
    while abs(b) < 1000:
        b = 2 * b
        factor *= 2
    if a < 0:
        factor *= 100
    return torch.tensor(factor, dtype=a.dtype)


PREDICTIONS = {"ratio": True}
