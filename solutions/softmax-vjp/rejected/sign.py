#: score = 4
#: vjp = "failed sign"
#: x-grad = "failed sign"
import torch


def f(x):
    return torch.softmax(x, dim=0)


def vjp_f(x, v):
    s = f(x)
    return s * (torch.dot(s, v) - v)


PREDICTIONS = {"x_grad": [-0.75, 0.25, 0.25, 0.25]}
