#: score = 7
#: prediction = "failed value-not-gradient"
#: x-grad = "failed author:value-of-y"
# x.grad was taken for y
import torch


def f(x):
    return x * x


def grad_f(x):
    return f(x)


def vjp_f(x, v):
    return v * 2 * x


PREDICTIONS = {"x_grad": [0, 1, 4, 9]}
