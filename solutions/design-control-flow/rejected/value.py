#: score = 3
#: prediction = "failed value-not-gradient"
#: slopes = "failed author:one-pass"
import torch


def f(a):
    b = a * a
    while b < 20:
        b = b * 5
    return b + a if a > 0 else b


def grad_f(a):
    return f(a)


PREDICTIONS = {"slopes": [24, -40, 18]}
