#: score = 4
#: prediction = "failed author:divided"
#: x-grad = "failed author:divided"
import torch


def f(x):
    return x.prod()


def grad_f(x):
    return f(x) / x


PREDICTIONS = {"x_grad": [0, float("nan"), 0]}
