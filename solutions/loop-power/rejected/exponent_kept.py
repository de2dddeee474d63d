#: score = 4
#: prediction = "failed author:exponent-kept"
#: x-grad = "failed author:exponent-kept"
#: cut-grad = "failed author:detach-ignored"
# 指数忘了减一
import torch


def f(x, n):
    y = torch.ones_like(x)
    for _ in range(n):
        y = y * x
    return y


def grad_f(x, n):
    return n * x**n


PREDICTIONS = {"x_grad": 324, "cut_grad": 108}
