#: score = 5
#: prediction = "failed finite-difference"
import torch


def f(a):
    b = a * a
    while b < 20:
        b = b * 5
    return b if a > 0 else -b


def grad_f(a):
    h = 1e-6 * a
    return (f(a + h) - f(a - h)) / (2 * h)


PREDICTIONS = {"slopes": [72, -40, 18]}
