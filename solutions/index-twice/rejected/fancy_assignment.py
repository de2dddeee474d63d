#: score = 5
#: prediction = "failed author:once-each"
#: w-grad = "failed author:once-each"
import torch


def f(w, idx):
    return w[idx].sum()


def grad_f(w, idx):
    g = torch.zeros_like(w)
    g[idx] += 1  # reads, adds, writes back: a repeated index is written twice, with the same number
    return g


PREDICTIONS = {"growth": 0.2, "w_grad": [1, 1, 0]}
