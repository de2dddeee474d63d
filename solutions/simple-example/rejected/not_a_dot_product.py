#: score = 7
#: value = "failed not-reduced"
#: gradient = "failed shape"
#: y = "failed not-reduced"
# x * x multiplies entry by entry and forgets to add up.
import torch


def f(x):
    return 2 * x * x


def grad_f(x):
    return 4 * x


PREDICTIONS = {
    "grad_before": None,
    "y": [0, 2, 8, 18],
    "x_grad": [0, 4, 8, 12],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": [1, 5, 9, 13],
}
