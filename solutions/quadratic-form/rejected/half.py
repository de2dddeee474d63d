#: score = 4
#: prediction = "failed scale"
#: x-grad = "failed"
#: skew-grad = "failed none-for-zero"
# 取了对称部分，却漏掉了平方带来的 2
import torch


def f(x, A):
    return x @ A @ x


def grad_x(x, A):
    return (A + A.T) / 2 @ x


PREDICTIONS = {"x_grad": [-1.5, -1.5], "skew_grad": None}
