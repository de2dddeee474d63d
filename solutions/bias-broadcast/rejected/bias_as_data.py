#: score = 8
#: gradient = "failed cut-graph"
import torch


def f(X, W, b):
    Y = X @ W.T
    for row in Y:
        row += b.data
    return Y


def grad_b(X, W, b):
    return torch.full_like(b, len(X))


def vjp_b(V):
    return V.sum(dim=0)


PREDICTIONS = {"b_grad": [5, 5]}
