#: score = 10
import numpy as np
import torch


def f(x):
    y = x.clone()
    y[x >= 1] += 5
    return y


def grad_f(x):
    return torch.from_numpy(np.ones(len(x)))


PREDICTIONS = {"at_one": 1, "quotient_agrees": 2500001 == 1}
