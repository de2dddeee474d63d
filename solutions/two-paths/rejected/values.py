#: score = 4
#: prediction = "failed value-not-gradient"
#: w-grad = "failed"
#: x-grad = "failed"
import torch


def f(w, x):
    return x * w + w**2


def grad_w(w, x):
    return f(w, x)


PREDICTIONS = {"w_grad": 10, "x_grad": 6}
