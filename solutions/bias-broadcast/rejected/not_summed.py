#: score = 4
#: prediction = "failed author:one-per-copy"
#: vjp = "failed author:weights-kept"
#: b-grad = "failed author:one-per-copy"
# 广播之后 b 的形状是 (n, m)，梯度也应该是 (n, m)
import torch


def f(X, W, b):
    return X @ W.T + b


def grad_b(X, W, b):
    return torch.ones_like(X @ W.T)


def vjp_b(V):
    return V


PREDICTIONS = {"b_grad": [[1, 1], [1, 1], [1, 1], [1, 1], [1, 1]]}
