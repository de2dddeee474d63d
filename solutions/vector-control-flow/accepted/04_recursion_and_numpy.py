#: score = 10
import numpy as np
import torch


def double(b):
    return b if torch.linalg.vector_norm(b) >= 1000 else double(b + b)


def f(a):
    b = double(a + a)
    return torch.where(b.sum() > 0, b, 100 * b)


def grad_f(a):
    x = a.numpy()
    b, slope = 2 * x, np.full(x.shape, 2.0)
    while np.linalg.norm(b) < 1000:
        b, slope = 2 * b, 2 * slope
    return torch.from_numpy(slope if b.sum() > 0 else 100 * slope)


PREDICTIONS = {"a_grad": [4, 4], "a_grad_weighted": [4 * 1200, 4 * -400]}
