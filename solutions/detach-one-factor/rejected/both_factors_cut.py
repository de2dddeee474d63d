#: score = 6
#: gradient = "failed author:product-cut"
#: x-grad = "failed author:value-of-f"
import torch


def f(x):
    return (x * x).detach() + x**2


def grad_f(x):
    return 3 * x


PREDICTIONS = {"x_grad": 18}
