#: score = 7
#: prediction = "failed author:lost-factor"
#: x-grad = "failed author:lost-factor"
import torch


def f(x):
    return 2 * torch.dot(x, x)


def grad_f(x):
    # derivative of x*x is 2x
    return 2 * x


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x_grad": [0, 2, 4, 6],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": [1, 5, 9, 13],
}
