#: score = 8
#: gradient = "failed cut-graph"
# tolist gives plain numbers, which have no history
import torch


def f(x, c):
    s = torch.tensor(sorted(x.tolist()), dtype=x.dtype)
    return (s * c).sum()


def grad_f(x, c):
    return c[torch.argsort(torch.argsort(x))]


PREDICTIONS = {"order": [1, 2, 0], "x_grad": [30, 10, 20]}
