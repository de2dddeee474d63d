#: score = 6
#: prediction = "failed sign"
#: recorded = "failed shape"
# only z was looked at
import torch


def f(x):
    with torch.no_grad():
        u = x * x
    return u * x


def grad_f(x):
    return -x * x


PREDICTIONS = {"recorded": True, "x_grad": 25}
