#: score = 1
#: value = "failed author:one-round-more"
#: gradient = "failed off-by-one"
#: prediction = "failed author:of-one-round-more"
#: x-grad = "failed author:of-one-round-more"
import torch


def f(x, n):
    y = x
    for _ in range(n):
        y = y * x
    return y


def grad_f(x, n):
    return (n + 1) * x**n


PREDICTIONS = {"x_grad": 405, "cut_grad": 27}
