#: score = 10
# 一行一行地算，b 每一行用一次
import torch


def f(X, W, b):
    行 = []
    for x in X:
        行.append(W @ x + b)
    return torch.stack(行)


def grad_b(X, W, b):
    g = torch.zeros_like(b)
    for x in X:
        g += 1
    return g


def vjp_b(V):
    g = V[0].clone()
    for v in V[1:]:
        g = g + v
    return g


PREDICTIONS = {"b_grad": [1.0 * 5] * 2}
