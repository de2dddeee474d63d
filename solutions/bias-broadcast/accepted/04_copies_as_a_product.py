#: score = 10
# The copies of b are the outer product of a column of ones with b; going back is its transpose.
import torch


def ones(count):
    return torch.ones(count, 1, dtype=torch.float64)


def f(X, W, b):
    return torch.matmul(X, W.t()) + ones(len(X)) @ b.unsqueeze(0)


def grad_b(X, W, b):
    n, m = len(X), len(b)
    return (ones(n).t() @ torch.ones(n, m, dtype=b.dtype)).reshape(m)


def vjp_b(V):
    return (V.t() @ ones(len(V))).squeeze(1)


PREDICTIONS = dict(b_grad=torch.full((2,), 5.0))
