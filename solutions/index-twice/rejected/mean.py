#: score = 1
#: value = "failed author:mean-of-picked"
#: gradient = "failed mean-for-sum"
#: prediction = "failed author:shares"
#: w-grad = "failed author:shares"
import torch


def f(w, idx):
    return w[idx].mean()


def grad_f(w, idx):
    return torch.bincount(idx, minlength=len(w)) / len(idx)


PREDICTIONS = {"growth": 0.2, "w_grad": [0.667, 0.333, 0]}
