#: score = 10
import torch


def f(w, x):
    return x * w + w * w


def grad_w(w, x):
    return x + 2 * w


PREDICTIONS = {"w_grad": 7, "x_grad": 2}
