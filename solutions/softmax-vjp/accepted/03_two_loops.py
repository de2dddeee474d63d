#: score = 10
# One product at a time, with Python numbers; torch.tensor makes it float32 at the end.
import math

import torch


def f(x):
    total = sum(torch.exp(xi) for xi in x)
    return torch.stack([torch.exp(xi) / total for xi in x])


def vjp_f(x, v):
    e = [math.exp(t) for t in x.tolist()]
    s = [t / sum(e) for t in e]
    n = len(s)
    out = []
    for j in range(n):
        g = 0.0
        for i in range(n):
            same = 1.0 if i == j else 0.0
            g += v[i].item() * s[i] * (same - s[j])
        out.append(g)
    return torch.tensor(out)


PREDICTIONS = {"x_grad": (0.75, -0.25, -0.25, -0.25)}
