#: score = 6
#: prediction = "failed shape"
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    # a vector with one entry is not a scalar
    return torch.tensor([f(a) / a])


PREDICTIONS = {"ratio": True}
