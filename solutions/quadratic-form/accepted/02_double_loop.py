#: score = 10
# 按定义逐项相加
import torch


def f(x, A):
    n = len(x)
    和 = 0
    for i in range(n):
        for j in range(n):
            和 = 和 + x[i] * A[i, j] * x[j]
    return 和


def grad_x(x, A):
    n = len(x)
    g = torch.zeros_like(x)
    for k in range(n):
        for j in range(n):
            g[k] += A[k, j] * x[j]  # i = k
        for i in range(n):
            g[k] += x[i] * A[i, k]  # j = k
    return g


PREDICTIONS = {"x_grad": [-3.0, -3.0], "skew_grad": [0.0, 0.0]}
