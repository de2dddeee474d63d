#: score = 6
#: gradient = "failed"
#: after-third = "failed author:same-pass-counts-once"
import torch


def together(x):
    return (x * x**2).sum()


def grad_after(x):
    return 2 * x + 3


PREDICTIONS = {"after_first": 4, "after_second": 7, "after_third": 7}
