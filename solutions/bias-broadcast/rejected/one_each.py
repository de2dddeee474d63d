#: score = 4
#: prediction = "failed author:one-each"
#: vjp = "failed author:weights-averaged"
#: b-grad = "failed author:one-each"
import torch


def f(X, W, b):
    return X @ W.T + b


def grad_b(X, W, b):
    return torch.ones_like(b)


def vjp_b(V):
    return V.mean(0)


PREDICTIONS = {"b_grad": [1, 1]}
