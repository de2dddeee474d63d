#: score = 3
#: prediction = "failed autograd-in-prediction"
#: slopes = "failed author:loop-ignored"
import torch


def f(a):
    b = a * a
    while b < 20:
        b = b * 5
    return b if a > 0 else -b


def grad_f(a):
    a = a.clone().requires_grad_()
    f(a).backward()
    return a.grad


PREDICTIONS = {"slopes": [8, -20, 18]}
