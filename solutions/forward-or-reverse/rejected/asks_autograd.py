#: score = 4
#: jacobian = "failed autograd-in-prediction"
#: modes = "failed author:exchanged-modes"
import torch


def f(x):
    return torch.stack([x[0] * x[1], x[1] * x[2] ** 2])


def jacobian_f(x):
    return torch.autograd.functional.jacobian(f, x)


PREDICTIONS = {"passes": [5, 40], "modes": ["forward", "reverse", "forward", "reverse"]}
