#: score = 4
#: prediction = "failed author:lost-factor"
#: vjp = "failed scale"
#: x-grad = "failed author:lost-factor"
import torch


def f(x):
    return x * x


def grad_f(x):
    return x


def vjp_f(x, v):
    return x * v


PREDICTIONS = {"x_grad": [0, 1, 2, 3]}
