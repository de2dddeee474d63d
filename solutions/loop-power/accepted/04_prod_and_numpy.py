#: score = 10
import numpy as np
import torch


def f(x, n):
    return torch.stack([x] * int(n)).prod(0)


def grad_f(x, n):
    k = int(n)
    a = x.detach().numpy()
    total = np.zeros_like(a)
    for left_out in range(k):
        term = np.ones_like(a)
        for j in range(k):
            if j != left_out:
                term *= a
        total += term
    return torch.tensor(total)


PREDICTIONS = dict(x_grad=torch.tensor(108.0), cut_grad=torch.tensor(27.0))
