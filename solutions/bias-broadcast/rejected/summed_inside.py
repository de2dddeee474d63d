#: score = 2
#: value = "failed reduced"
#: gradient = "failed shape"
#: prediction = "failed scale"
#: vjp = "failed scale"
# The sum belongs behind f; and the mean of two losses was taken on top.
import torch


def f(X, W, b):
    return (X @ W.T + b).sum()


def grad_b(X, W, b):
    return torch.full_like(b, len(X)) / 2


def vjp_b(V):
    return 0.5 * V.sum(0)


PREDICTIONS = {"b_grad": [5, 5]}
