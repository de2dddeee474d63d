#: score = 4
#: prediction = "failed finite-difference"
#: at-one = "failed author:difference-quotient"
#: quotient-agrees = "failed author:both-see-it"
import torch


def f(x):
    return torch.where(x < 1, x, x + 5)


def grad_f(x):
    h = 1e-6
    return (f(x + h) - f(x - h)) / (2 * h)


PREDICTIONS = {"at_one": 2.5e6, "quotient_agrees": True}
