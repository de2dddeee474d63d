#: score = 10
import numpy as np
import torch


def f(x):
    values = x.max(dim=-1, keepdim=True).values
    tied = (x == values).to(x.dtype)
    return torch.dot(tied, x) / tied.sum()


def grad_f(x):
    a = x.numpy()
    where = np.flatnonzero(a == a.max())
    g = np.zeros(a.shape)
    g[where] = 1 / where.size
    return torch.from_numpy(g)


def grad_pick(x):
    # np.argmax returns the first of several positions, too
    return torch.eye(len(x), dtype=x.dtype)[int(np.argmax(x.numpy()))]


PREDICTIONS = dict(max_grad=[0, 0.5, 0.5], max_dim_grad=[0, 1, 0])
