#: score = 8
#: gradient = "failed cut-graph"
import torch


def f(x):
    return torch.tensor([v if v < 1 else v + 5 for v in x.tolist()], dtype=x.dtype)


def grad_f(x):
    return torch.ones_like(x)


PREDICTIONS = {"at_one": 1, "quotient_agrees": False}
