#: score = 6
#: prediction = "failed finite-difference"
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    h = 1e-7 * a
    return (f(a + h) - f(a)) / h


PREDICTIONS = {"ratio": True}
