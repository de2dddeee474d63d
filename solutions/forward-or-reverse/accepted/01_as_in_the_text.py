#: score = 10
import torch


def f(x):
    return torch.stack([x[0] * x[1], x[1] * x[2] ** 2])


def jacobian_f(x):
    J = torch.zeros(2, 3, dtype=x.dtype)
    J[0, 0] = x[1]
    J[0, 1] = x[0]
    J[1, 1] = x[2] ** 2
    J[1, 2] = 2 * x[1] * x[2]
    return J


PREDICTIONS = {"passes": [5, 40], "modes": ["reverse", "forward", "reverse", "forward"]}
