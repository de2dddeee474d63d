#: score = 10
# 数一数每个元素被取了几次
import torch


def f(w, idx):
    和 = 0
    for i in idx:
        和 = 和 + w[i]
    return 和


def grad_f(w, idx):
    次数 = torch.zeros_like(w)
    for i in idx.tolist():
        次数[i] += 1
    return 次数


PREDICTIONS = {"growth": 0.2, "w_grad": [2.0, 1.0, 0.0]}
