#: score = 10
import torch


def f(X, W, b):
    return X @ W.T + b


def grad_b(X, W, b):
    return torch.full_like(b, X.shape[0])


def vjp_b(V):
    return V.sum(dim=0)


PREDICTIONS = {"b_grad": [5, 5]}
