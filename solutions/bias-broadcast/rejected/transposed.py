#: score = 6
#: value = "failed transpose"
#: gradient = "failed shape"
# 结果转置了：每一列才是一个样本
import torch


def f(X, W, b):
    return W @ X.T + b[:, None]


def grad_b(X, W, b):
    return torch.full_like(b, len(X))


def vjp_b(V):
    return V.sum(0)


PREDICTIONS = {"b_grad": [5, 5]}
