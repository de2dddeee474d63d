#: score = 10
import numpy as np
import torch


def f(x):
    return torch.prod(x, dim=-1)


def grad_f(x):
    # row i holds x with a 1 in place of x_i
    rows = np.tile(x.numpy(), (len(x), 1))
    np.fill_diagonal(rows, 1.0)
    return torch.from_numpy(rows.prod(axis=1))


PREDICTIONS = {"x_grad": [0.0, 6.0, 0.0]}
