#: score = 5
#: jacobian = "failed finite-difference"
#: passes = "failed author:pass-for-each-entry"
# 一列一列地用差商来算
import torch


def f(x):
    return torch.stack([x[0] * x[1], x[1] * x[2] ** 2])


def jacobian_f(x):
    h = 1e-6
    columns = []
    for j in range(3):
        e = torch.zeros_like(x)
        e[j] = h
        columns.append((f(x + e) - f(x)) / h)
    return torch.stack(columns, dim=1)


PREDICTIONS = {"passes": [200, 200], "modes": ["reverse", "forward", "reverse", "forward"]}
