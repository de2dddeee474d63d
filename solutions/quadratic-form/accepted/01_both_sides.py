#: score = 10
import torch


def f(x, A):
    return x @ A @ x


def grad_x(x, A):
    return A @ x + A.T @ x


PREDICTIONS = {"x_grad": [-3, -3], "skew_grad": [0, 0]}
