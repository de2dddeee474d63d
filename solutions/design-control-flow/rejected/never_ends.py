#: score = 2
#: branches = "timeout"
#: prediction = "timeout"
# A negative number stays below 1000 for ever.
import torch


def f(a):
    b = a
    while b < 1000:
        b = b * 2
    return b


def grad_f(a):
    return f(a) / a


PREDICTIONS = {"slopes": [72, -40, 18]}
