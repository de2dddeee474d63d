#: score = 8
#: gradient = "failed cut-graph"
import numpy as np
import torch


def f(x):
    return torch.tensor(np.prod(x.detach().numpy()))


def grad_f(x):
    return torch.stack([torch.cat([x[:i], x[i + 1 :]]).prod() for i in range(len(x))])


PREDICTIONS = {"x_grad": [0, 6, 0]}
