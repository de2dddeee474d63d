#: score = 4
#: prediction = "failed author:left-only"
#: x-grad = "failed author:left-only-at-the-point"
#: skew-grad = "failed author:skew-left-only"
import torch


def f(x, A):
    return x @ A @ x


def grad_x(x, A):
    # the coefficient of x
    return A @ x


PREDICTIONS = {"x_grad": [-1, -1], "skew_grad": [-2, -2]}
