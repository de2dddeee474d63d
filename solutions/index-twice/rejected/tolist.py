#: score = 8
#: gradient = "failed cut-graph"
import torch


def f(w, idx):
    numbers = w.tolist()
    return torch.tensor(sum(numbers[i] for i in idx), dtype=w.dtype)


def grad_f(w, idx):
    return torch.bincount(idx, minlength=len(w)).to(w.dtype)


PREDICTIONS = {"growth": 0.2, "w_grad": [2, 1, 0]}
