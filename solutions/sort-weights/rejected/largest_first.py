#: score = 0
#: value = "failed author:largest-first"
#: gradient = "failed author:gradient-largest-first"
#: prediction = "failed author:descending"
#: order = "failed author:counted-from-one"
#: x-grad = "failed author:descending"
import torch


def f(x, c):
    s = torch.sort(x, descending=True)[0]
    return (s * c).sum()


def grad_f(x, c):
    rank = x.argsort(descending=True).argsort()
    return c[rank]


PREDICTIONS = {"order": [2, 3, 1], "x_grad": [10, 30, 20]}
