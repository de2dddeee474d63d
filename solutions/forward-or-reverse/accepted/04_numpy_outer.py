#: score = 10
import numpy as np
import torch


def f(x):
    y = torch.empty(2, dtype=x.dtype)
    y[0] = x[0] * x[1]
    y[1] = x[1] * x[2].pow(2)
    return y


def jacobian_f(x):
    x = x.numpy()
    rows = np.outer([1, 0], [x[1], x[0], 0]) + np.outer([0, 1], [0, x[2] ** 2, 2 * x[1] * x[2]])
    return torch.from_numpy(rows)


PREDICTIONS = {"passes": "5 40", "modes": ["Reverse", "Forward", "Reverse", "Forward"]}
