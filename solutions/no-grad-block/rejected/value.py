#: score = 6
#: prediction = "failed value-not-gradient"
#: x-grad = "failed author:value-of-z"
import torch


def f(x):
    with torch.no_grad():
        u = x * x
    return u * x


def grad_f(x):
    return f(x)


PREDICTIONS = {"recorded": [True, False, True], "x_grad": 125}
