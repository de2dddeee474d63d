#: score = 5
#: prediction = "failed author:jacobian"
#: vjp = "failed shape"
import torch


def f(x):
    return x * x


def grad_f(x):
    n = x.shape[0]
    J = torch.zeros(n, n, dtype=x.dtype)
    for i in range(n):
        J[i, i] = 2 * x[i]
    return J


def vjp_f(x, v):
    # a row vector
    return v.reshape(1, -1) @ grad_f(x)


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
