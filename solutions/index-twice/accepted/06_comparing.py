#: score = 10
import torch


def f(w, idx):
    return torch.take(w, idx).sum()


def grad_f(w, idx):
    positions = torch.arange(len(w))
    hits = idx.unsqueeze(1) == positions
    return hits.sum(0) * 1.0


PREDICTIONS = {"growth": ".2", "w_grad": "2 1 0"}
