#: score = 10
# One entry at a time.
import torch
from torch import nn

relu = nn.ReLU()


def f(x):
    return torch.stack([relu(v) - relu(-v) for v in x])


def grad_f(x):
    return torch.tensor([0.0 if v == 0 else 1.0 for v in x.tolist()])


def calculus_f(x):
    return torch.tensor([1.0 for _ in x], dtype=x.dtype)


PREDICTIONS = dict(at_zero=[0.0, 1.0])
