#: score = 7
#: value = "failed scale"
#: gradient = "failed scale"
#: y = "failed author:y-without-two"
# f misses its factor 2 and so does y; the formula for the gradient is right.
import torch


def f(x):
    return torch.dot(x, x)


def grad_f(x):
    return 4 * x


PREDICTIONS = {
    "grad_before": None,
    "y": 14,
    "x_grad": [0, 4, 8, 12],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": [1, 5, 9, 13],
}
