#: score = 8
#: gradient = "failed cut-graph"
# the maximum as a Python number has no history
import torch


def f(x):
    return torch.tensor(max(x.tolist()), dtype=x.dtype)


def grad_f(x):
    tied = (x == x.max()).double()
    return tied / tied.sum()


def grad_pick(x):
    g = torch.zeros_like(x)
    g[x.argmax()] = 1
    return g


PREDICTIONS = {"max_grad": [0, 0.5, 0.5], "max_dim_grad": [0, 1, 0]}
