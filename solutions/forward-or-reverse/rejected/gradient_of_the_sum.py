#: score = 4
#: jacobian = "failed author:rows-added"
#: modes = "failed author:always-reverse"
import torch


def f(x):
    return torch.stack([x[0] * x[1], x[1] * x[2] ** 2])


def jacobian_f(x):
    return torch.stack([x[1], x[0] + x[2] ** 2, 2 * x[1] * x[2]])


PREDICTIONS = {"passes": [5, 40], "modes": ["reverse"] * 4}
