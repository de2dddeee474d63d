#: score = 4
#: vjp = "failed author:diagonal-only"
#: x-grad = "failed author:diagonal-only"
# the derivative of the sigmoid, entry by entry
import torch


def f(x):
    return torch.softmax(x, dim=0)


def vjp_f(x, v):
    s = f(x)
    return s * (1 - s) * v


PREDICTIONS = {"x_grad": [0.75, 0, 0, 0]}
