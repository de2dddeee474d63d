#: score = 10
import torch


def cube(t):
    return t * t * t


def f(x):
    return torch.stack([cube(xi) for xi in x])


def second_f(x):
    out = torch.empty_like(x)
    for i in range(len(x)):
        out[i] = 3 * 2 * x[i]
    return out


PREDICTIONS = dict(slope="3x^2", without_graph=["raises"])
