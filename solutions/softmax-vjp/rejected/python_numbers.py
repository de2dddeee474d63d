#: score = 4
#: gradient = "failed cut-graph"
#: vjp = "failed author:outer-s-lost"
# 用 math.exp 算出来的只是普通的数
import math

import torch


def f(x):
    e = [math.exp(t) for t in x.tolist()]
    return torch.tensor([t / sum(e) for t in e], dtype=x.dtype)


def vjp_f(x, v):
    s = f(x)
    return v - (s * v).sum()


PREDICTIONS = {"x_grad": [0.75, -0.25, -0.25, -0.25]}
