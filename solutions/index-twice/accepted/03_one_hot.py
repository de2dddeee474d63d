#: score = 10
# Looking up is multiplying by a matrix whose rows have a single one.
import torch
import torch.nn.functional as F


def rows(w, idx):
    return F.one_hot(idx, num_classes=w.shape[0]).to(w.dtype)


def f(w, idx):
    return (rows(w, idx) @ w).sum()


def grad_f(w, idx):
    return rows(w, idx).sum(dim=0)


PREDICTIONS = {"growth": 2 * 0.1, "w_grad": torch.tensor([2.0, 1.0, 0.0])}
