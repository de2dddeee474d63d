#: score = 5
#: jacobian = "failed transpose"
#: passes = "failed author:exchanged-passes"
# 行和列弄反了
import torch


def f(x):
    return torch.stack([x[0] * x[1], x[1] * x[2] ** 2])


def jacobian_f(x):
    J = torch.zeros(3, 2, dtype=x.dtype)
    J[0, 0] = x[1]
    J[1, 0] = x[0]
    J[1, 1] = x[2] ** 2
    J[2, 1] = 2 * x[1] * x[2]
    return J


PREDICTIONS = {"passes": [40, 5], "modes": ["reverse", "forward", "reverse", "forward"]}
