#: score = 6
#: prediction = "failed author:outputs-counted"
#: vjp = "failed author:weights-ignored"
import torch


def f(X, W, b):
    return X @ W.T + b


def grad_b(X, W, b):
    n, m = W.shape[0], X.shape[0]  # the other way round
    return torch.full_like(b, n)


def vjp_b(V):
    return torch.full((V.shape[1],), float(V.shape[0]), dtype=V.dtype)


PREDICTIONS = {"b_grad": [5, 5]}
