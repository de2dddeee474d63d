#: score = 10
import torch
import torch.nn.functional as F


def f(w, idx):
    table = w.reshape(-1, 1)
    return F.embedding(idx, table).sum()


def grad_f(w, idx):
    ones = torch.ones(idx.shape, dtype=w.dtype)
    return torch.zeros_like(w).index_add_(0, idx, ones)


PREDICTIONS = dict(growth=0.6 + 0.6 - 0.5 - 0.5, w_grad=(2, 1, 0))
