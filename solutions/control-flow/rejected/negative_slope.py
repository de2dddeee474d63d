#: score = 6
#: prediction = "failed one-branch"
# For a < 0 the value is negative, so the slope was taken to be negative too.
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    slope = f(a) / a
    if a < 0:
        slope = -slope
    return slope


PREDICTIONS = {"ratio": True}
