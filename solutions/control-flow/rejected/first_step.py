#: score = 4
#: prediction = "failed author:first-step"
#: ratio = "failed author:not-a-ratio"
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    # b = 2a, the loop does not count
    return torch.tensor(2.0, dtype=a.dtype)


PREDICTIONS = {"ratio": False}
