#: score = 10
import torch


def f(a):
    b = a * a
    while b < 20:
        b = b * 5
    if a > 0:
        return b
    return -3 * b


def grad_f(a):
    factor = 1.0
    while a * a * factor < 20:
        factor = factor * 5
    if a > 0:
        return 2 * a * factor
    return -6 * a * factor


PREDICTIONS = {"slopes": [72, -40, 18]}
