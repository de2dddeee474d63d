#: score = 6
#: prediction = "failed author:no-hundred"
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        return b
    return 100 * b


def grad_f(a):
    b = 2 * a
    factor = 2.0
    while abs(b) < 1000:
        b = 2 * b
        factor *= 2
    return torch.tensor(factor, dtype=a.dtype)


PREDICTIONS = {"ratio": True}
