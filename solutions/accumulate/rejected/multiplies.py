#: score = 1
#: gradient = "failed"
#: prediction = "failed author:multiplied"
#: after-second = "failed author:multiplied"
#: after-third = "failed author:multiplied-again"
import torch


def together(x):
    return (x**2).sum() * (3 * x).sum()


def grad_after(x):
    return 2 * x * 3


PREDICTIONS = {"after_first": 4, "after_second": 12, "after_third": 36}
