#: score = 6
#: prediction = "failed shape"
# the sum of d over the sum of a: one number for all, and no number at all where the entries of a cancel
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    return f(a).sum() / a.sum()


PREDICTIONS = {"a_grad": [4, 4], "a_grad_weighted": [4800, -1600]}
