#: score = 4
#: prediction = "failed author:shape-of-idx"
#: growth = "failed author:grows-for-each-index"
#: w-grad = "failed author:three-ones"
import torch


def f(w, idx):
    return w[idx].sum()


def grad_f(w, idx):
    return torch.ones_like(w[idx])


PREDICTIONS = {"growth": 0.3, "w_grad": [1, 1, 1]}
