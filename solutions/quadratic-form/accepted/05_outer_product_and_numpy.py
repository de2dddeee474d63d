#: score = 10
import numpy as np
import torch


def f(x, A):
    return (A * torch.outer(x, x)).sum()


def grad_x(x, A):
    a, v = A.numpy(), x.numpy()
    return torch.from_numpy(np.dot(a + a.T, v))


PREDICTIONS = {"x_grad": "-3 -3", "skew_grad": "0 0"}
