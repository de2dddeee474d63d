#: score = 5
#: gradient = "failed shape"
#: prediction = "failed reduced"
# the sum is in the wrong one of the two functions
import torch


def together(x):
    return x**2 + 3 * x


def grad_after(x):
    return (2 * x + 3).sum()


PREDICTIONS = {"after_first": 4, "after_second": 7, "after_third": 10}
