#: score = 7
#: prediction = "failed finite-difference"
import torch


def f(x, A):
    return x @ A @ x


def grad_x(x, A):
    h = 1e-5
    g = torch.zeros_like(x)
    for k in range(len(x)):
        e = torch.zeros_like(x)
        e[k] = h
        g[k] = (f(x + e, A) - f(x - e, A)) / (2 * h)
    return g


PREDICTIONS = {"x_grad": [-3, -3], "skew_grad": [0, 0]}
