#: score = 5
#: gradient = "failed cut-graph"
#: slope = "error"
import numpy as np
import torch


def f(x):
    return torch.from_numpy(np.sin(x.detach().numpy()))


def slope(x):
    x = x.clone().requires_grad_(True)
    f(x).sum().backward()
    return x.grad


PREDICTIONS = {"slopes": [1, 0.5, -1], "first_zero": 1.57}
