#: score = 10
import numpy as np
import torch


def f(X, W, b):
    return torch.addmm(b, X, W.T)


def grad_b(X, W, b):
    rows = X.size(0)
    return torch.tensor([float(rows) for _ in b])


def vjp_b(V):
    return torch.from_numpy(np.add.reduce(V.numpy(), axis=0))


PREDICTIONS = {"b_grad": "5, 5"}
