#: score = 4
#: prediction = "failed author:sum-of-each-row"
#: vjp = "failed author:weights-across"
#: b-grad = "failed author:outputs-counted"
import torch


def f(X, W, b):
    return X @ W.T + b


def grad_b(X, W, b):
    Y = f(X, W, b)
    return torch.ones_like(Y).sum(dim=1)


def vjp_b(V):
    return V.sum(dim=1)


PREDICTIONS = {"b_grad": [2, 2]}
