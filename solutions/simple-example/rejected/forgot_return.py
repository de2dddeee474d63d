#: score = 6
#: value = "failed"
#: gradient = "failed"
#: prediction = "failed"
import torch


def f(x):
    y = 2 * torch.dot(x, x)
    print(y)


def grad_f(x):
    g = 4 * x
    print(g)


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x_grad": [0, 4, 8, 12],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": [1, 5, 9, 13],
}
