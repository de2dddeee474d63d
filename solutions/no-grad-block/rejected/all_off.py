#: score = 2
#: gradient = "failed cut-graph"
#: prediction = "failed author:all-off"
#: recorded = "failed author:off-from-then-on"
#: x-grad = "failed author:all-off"
import torch


@torch.no_grad()
def f(x):
    u = x * x
    return u * x


def grad_f(x):
    return torch.zeros_like(x)


PREDICTIONS = {"recorded": [True, False, False], "x_grad": 0}
