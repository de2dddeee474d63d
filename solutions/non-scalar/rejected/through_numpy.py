#: score = 8
#: gradient = "failed cut-graph"
import numpy as np
import torch


def f(x):
    return torch.from_numpy(np.square(x.detach().numpy()))


def grad_f(x):
    return 2 * x


def vjp_f(x, v):
    return 2 * x * v


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
