#: score = 6
#: prediction = "failed finite-difference"
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)


PREDICTIONS = {"at_two": 0.0824}
