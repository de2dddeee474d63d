#: score = 10
# u leaves torch altogether, which also takes it out of the graph.
import numpy as np
import torch


def f(x):
    y = x * x
    u = torch.from_numpy(np.array(y.detach().numpy()))
    return x * u


def grad_z(x):
    return torch.pow(x, 2)


def grad_y(x):
    return torch.mul(x, 2)


PREDICTIONS = {"u_equals_grad": torch.ones(4, dtype=torch.bool)}
