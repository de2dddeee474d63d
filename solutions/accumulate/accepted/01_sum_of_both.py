#: score = 10
import torch


def together(x):
    return (x**2 + 3 * x).sum()


def grad_after(x):
    return 2 * x + 3


PREDICTIONS = {"after_first": 4, "after_second": 7, "after_third": 10}
