#: score = 5
#: prediction = "failed author:product-only"
#: w-grad = "failed author:product-only"
import torch


def f(w, x):
    return x * w + w**2


def grad_w(w, x):
    # y = x*w + ..., so the factor of w
    return x


PREDICTIONS = {"w_grad": 3, "x_grad": 2}
