#: score = 10
# The step is made of truth values, which carry no gradient.
import torch


def f(x):
    return x + 5 * (x >= 1)


def grad_f(x):
    return torch.full(x.shape, 1.0, dtype=x.dtype)


PREDICTIONS = dict(at_one=torch.tensor(1.0), quotient_agrees=torch.tensor(False))
