#: score = 10
import torch
import torch.nn.functional as F


def f(X, W, b):
    return F.linear(X, W, b)


def vjp_b(V):
    return torch.einsum("ij->j", V)


def grad_b(X, W, b):
    return vjp_b(torch.ones(len(X), len(W), dtype=b.dtype))


PREDICTIONS = {"b_grad": (5.0, 5.0)}
