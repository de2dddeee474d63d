#: score = 6
#: gradient = "failed missing-path"
#: x-grad = "failed author:all-zero"
# The values are right, but the denominator has been taken out of the graph.
import torch


def f(x):
    e = torch.exp(x)
    return e / e.sum().detach()


def vjp_f(x, v):
    s = torch.softmax(x, dim=0)
    return s * (v - (s * v).sum())


PREDICTIONS = {"x_grad": [0, 0, 0, 0]}
