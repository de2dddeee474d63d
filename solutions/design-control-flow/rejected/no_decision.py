#: score = 5
#: branches = "failed"
#: slopes = "failed author:ratio"
# The loop runs five times whatever a is.
import torch


def f(a):
    b = a
    for _ in range(5):
        b = 2 * b
    return b * b


def grad_f(a):
    return 2048 * a


PREDICTIONS = {"slopes": [36, -25, 9]}
