#: score = 7
#: prediction = "failed author:third-pass"
# grad_after counts the third pass of the given code, too.
import torch


def together(x):
    return (x**2).sum() + 3 * x.sum()


def grad_after(x):
    return 2 * x + 3 + 3


PREDICTIONS = {"after_first": 4, "after_second": 7, "after_third": 10}
