#: score = 2
#: value = "failed author:not-normalised"
#: gradient = "failed missing-factor"
#: vjp = "failed author:diagonal-without-v"
# softmax written as plain exp; the answer typed by hand is right
import torch


def f(x):
    return torch.exp(x)


def vjp_f(x, v):
    s = torch.softmax(x, dim=0)
    return s * (1 - s)


PREDICTIONS = {"x_grad": [0.75, -0.25, -0.25, -0.25]}
