#: score = 4
#: twice = "failed"
#: auto = "failed"
#: counts = "failed author:without-the-leaf"
# math.sin 只认数，不认计算图
import math

import torch


def f(x):
    sines = torch.tensor([math.sin(v) for v in x.tolist()], dtype=x.dtype)
    return x * sines


def second_auto(x):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad((x * f(x)).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    return h


def second_formula(x):
    return 2 * torch.cos(x) - x * torch.sin(x)


PREDICTIONS = {"counts": [2, 6]}
