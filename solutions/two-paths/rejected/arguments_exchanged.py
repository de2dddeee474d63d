#: score = 3
#: value = "error"
#: gradient = "error"
#: prediction = "error"
# def f(x, w) where f(w, x) is asked for
import torch


def f(x, w):
    return x * w + w**2


def grad_w(x, w):
    return x + 2 * w


PREDICTIONS = {"w_grad": 7, "x_grad": 2}
