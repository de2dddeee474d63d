#: score = 10
import math

import numpy as np
import torch


def f(x):
    return x.square().log().mul(x.sin()).add(1.0 / x)


def derivative(t):
    """For one number."""
    return 2 * math.sin(t) / t + math.log(t * t) * math.cos(t) - 1 / (t * t)


def grad_f(x):
    slopes = np.vectorize(derivative)(x.numpy())
    return torch.from_numpy(np.asarray(slopes))


PREDICTIONS = {"at_two": derivative(2)}
