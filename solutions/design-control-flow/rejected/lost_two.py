#: score = 3
#: prediction = "failed scale"
#: slopes = "failed"
import torch


def f(a):
    b = a**2
    while b < 20:
        b = 5 * b
    if a > 0:
        return b
    return -3 * b


def grad_f(a):
    # the 2 of the power rule is missing
    return f(a) / a


PREDICTIONS = {"slopes": [18, -40, 72]}
