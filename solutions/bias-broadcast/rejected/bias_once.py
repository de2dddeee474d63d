#: score = 6
#: value = "failed"
#: gradient = "failed"
# b 只加到了第一行上
import torch


def f(X, W, b):
    Y = X @ W.T
    first = Y[:1] + b
    return torch.cat([first, Y[1:]])


def grad_b(X, W, b):
    return torch.full_like(b, len(X))


def vjp_b(V):
    return V.sum(dim=0)


PREDICTIONS = {"b_grad": [5, 5]}
