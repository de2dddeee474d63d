#: score = 10
# 只用 Python 的数来算
import math

import torch


def norm(x, g):
    n = len(x)
    mu = sum(x) / n
    v = sum((t - mu) ** 2 for t in x) / n
    return torch.stack([g[i] * (x[i] - mu) / (v + 0.00001) ** 0.5 for i in range(n)])


def grad_x(x, g):
    x, g = x.tolist(), g.tolist()
    n = len(x)
    mu = sum(x) / n
    s = math.sqrt(sum((t - mu) ** 2 for t in x) / n + 0.00001)
    h = [(t - mu) / s for t in x]
    out = []
    for j in range(n):
        total = 0.0
        for i in range(n):
            same = 1.0 if i == j else 0.0
            total += g[i] * (same - 1 / n - h[i] * h[j] / n) / s
        out.append(total)
    return torch.tensor(out, dtype=torch.float64)


PREDICTIONS = {"sum_grad": "0 0 0", "doubled": "half"}
