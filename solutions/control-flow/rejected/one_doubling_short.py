#: score = 6
#: prediction = "failed scale"
# counts the passes of the loop, and forgets the 2 of the first line
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    b = a * 2
    n = 0
    while b.norm() < 1000:
        b = b * 2
        n += 1
    slope = torch.full_like(a, 2.0**n)
    return slope if a > 0 else 100 * slope


PREDICTIONS = {"ratio": True}
