#: score = 3
#: value = "failed not-reduced"
#: gradient = "failed shape"
#: prediction = "failed reduced"
# x * (A @ x) is not summed, and its gradient is summed instead.
import torch


def f(x, A):
    return x * (A @ x)


def grad_x(x, A):
    return (A @ x + A.T @ x).sum()


PREDICTIONS = {"x_grad": [-3, -3], "skew_grad": [0, 0]}
