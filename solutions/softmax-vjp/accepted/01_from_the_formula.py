#: score = 10
import torch


def f(x):
    return torch.softmax(x, dim=0)


def vjp_f(x, v):
    s = f(x)
    return s * (v - torch.dot(s, v))


PREDICTIONS = {"x_grad": [0.75, -0.25, -0.25, -0.25]}
