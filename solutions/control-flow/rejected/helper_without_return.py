#: score = 2
#: value = "error"
#: gradient = "error"
#: prediction = "error"
# double has no return, so b becomes None
import torch


def double(b):
    b * 2


def f(a):
    b = double(a)
    while b.norm() < 1000:
        b = double(b)
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    return f(a) / a


PREDICTIONS = {"ratio": True}
