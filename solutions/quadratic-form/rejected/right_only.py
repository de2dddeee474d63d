#: score = 4
#: prediction = "failed author:right-only"
#: x-grad = "failed author:one-side-at-the-point"
#: skew-grad = "failed"
import torch


def f(x, A):
    return x @ A @ x


def grad_x(x, A):
    return x @ A


PREDICTIONS = {"x_grad": [-2, -2], "skew_grad": [2, 2]}
