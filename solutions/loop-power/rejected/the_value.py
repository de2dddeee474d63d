#: score = 6
#: prediction = "failed value-not-gradient"
import torch


def f(x, n):
    return x**n


def grad_f(x, n):
    return f(x, n)


PREDICTIONS = {"x_grad": 108, "cut_grad": 27}
