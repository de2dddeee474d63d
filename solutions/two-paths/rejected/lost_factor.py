#: score = 4
#: prediction = "failed author:lost-factor"
#: w-grad = "failed author:lost-factor"
#: x-grad = "failed author:same-for-both"
import torch


def f(w, x):
    return x * w + w**2


def grad_w(w, x):
    return x + w


PREDICTIONS = {"w_grad": 5, "x_grad": 7}
