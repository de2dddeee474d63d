#: score = 5
#: prediction = "failed author:picked-values"
#: w-grad = "failed author:picked-values"
import torch


def f(w, idx):
    return w[idx].sum()


def grad_f(w, idx):
    g = torch.zeros_like(w)
    for i in idx:
        g[i] += w[i]
    return g


PREDICTIONS = {"growth": 0.2, "w_grad": [1.0, -1.0, 0.0]}
