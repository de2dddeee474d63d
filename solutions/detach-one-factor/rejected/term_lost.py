#: score = 4
#: prediction = "failed author:product-lost"
#: x-grad = "failed author:product-lost"
import torch


def f(x):
    return x.detach() * x + x**2


def grad_f(x):
    # the detached term is a constant
    return 2 * x


PREDICTIONS = {"x_grad": 6}
