#: score = 5
#: gradient = "failed missing-path"
#: prediction = "failed author:matrix-only"
import torch


def f(x, A):
    Ax = A @ x.detach()
    return x @ Ax


def grad_x(x, A):
    return A + A.T


PREDICTIONS = {"x_grad": [-3, -3], "skew_grad": [0, 0]}
