#: score = 4
#: prediction = "failed sign"
#: w-grad = "failed sign"
#: x-grad = "failed sign"
# The weight moves against the gradient, so the minus is there already.
import torch


def f(w, x):
    return x * w + w**2


def grad_w(w, x):
    return -(x + 2 * w)


PREDICTIONS = {"w_grad": -7, "x_grad": -2}
