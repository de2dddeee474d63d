#: score = 10
# log(e^a + e^b), entry after entry; the prediction uses plain Python numbers.
import math

import torch


def f(x):
    total = x[0]
    for xi in x[1:]:
        total = torch.logaddexp(total, xi)
    return total


def grad_f(x):
    values = x.tolist()
    m = max(values)
    e = [math.exp(t - m) for t in values]
    return torch.tensor([t / sum(e) for t in e])


PREDICTIONS = {"naive_y": "inf", "naive_grad": "[nan, 0]"}
