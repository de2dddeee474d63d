#: score = 6
#: vjp = "failed"
# subtracts the plain mean of v, where the mean weighted by s is due
import torch


def f(x):
    return torch.softmax(x, dim=0)


def vjp_f(x, v):
    s = f(x)
    return s * (v - v.mean())


PREDICTIONS = {"x_grad": [0.75, -0.25, -0.25, -0.25]}
