#: score = 5
#: prediction = "failed scale"
#: w-grad = "failed"
# There and back again: each lookup was counted in both directions.
import torch


def f(w, idx):
    return w[idx].sum()


def grad_f(w, idx):
    g = torch.zeros_like(w)
    for i in idx:
        g[i] += 2
    return g


PREDICTIONS = {"growth": 0.2, "w_grad": [4, 2, 0]}
