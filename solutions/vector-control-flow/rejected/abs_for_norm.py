#: score = 2
#: value = "error"
#: gradient = "error"
#: prediction = "error"
# the condition compares all entries at once
import torch


def f(a):
    b = a * 2
    while b.abs() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    return f(a) / a


PREDICTIONS = {"a_grad": [4, 4], "a_grad_weighted": [4800, -1600]}
