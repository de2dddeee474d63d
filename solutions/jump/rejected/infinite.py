#: score = 4
#: prediction = "failed author:infinite"
#: at-one = "failed author:infinity"
#: quotient-agrees = "failed author:both-see-it"
# a jump is infinitely steep
import torch


def f(x):
    return torch.where(x < 1, x, x + 5)


def grad_f(x):
    g = torch.ones_like(x)
    g[x == 1] = float("inf")
    return g


PREDICTIONS = {"at_one": float("inf"), "quotient_agrees": True}
