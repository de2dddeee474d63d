#: score = 6
#: prediction = "failed autograd-in-prediction"
#: vjp = "failed autograd-in-prediction"
import torch


def f(X, W, b):
    return X @ W.T + b


def grad_b(X, W, b):
    b = b.clone().requires_grad_()
    f(X, W, b).sum().backward()
    return b.grad


def vjp_b(V):
    b = torch.zeros(V.shape[1], dtype=V.dtype, requires_grad=True)
    (torch.zeros_like(V) + b).backward(V)
    return b.grad


PREDICTIONS = {"b_grad": [5, 5]}
