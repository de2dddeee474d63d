#: score = 10
import torch


def f(w, idx):
    return w[idx].sum()


def grad_f(w, idx):
    return torch.bincount(idx, minlength=len(w)).double()


PREDICTIONS = {"growth": 0.2, "w_grad": [2, 1, 0]}
