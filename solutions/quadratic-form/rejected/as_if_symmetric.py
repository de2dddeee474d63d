#: score = 4
#: prediction = "failed author:as-if-symmetric"
#: x-grad = "failed author:one-side-at-the-point"
#: skew-grad = "failed author:skew-as-if-symmetric"
# 和 a*x**2 一样，导数是 2*a*x
import torch


def f(x, A):
    return x @ A @ x


def grad_x(x, A):
    return 2 * A @ x


PREDICTIONS = {"x_grad": [-2, -2], "skew_grad": [-4, -4]}
