#: score = 6
#: value = "failed"
#: gradient = "failed"
# (Ax)·(Ax) 不是 x·(Ax)
import torch


def f(x, A):
    y = A @ x
    return y @ y


def grad_x(x, A):
    return (A + A.T) @ x


PREDICTIONS = {"x_grad": [-3, -3], "skew_grad": [0, 0]}
