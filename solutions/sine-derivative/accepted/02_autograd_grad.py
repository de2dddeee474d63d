#: score = 10
# 给 autograd.grad 一个全为 1 的向量，不必先求和
import math

import torch


def f(x):
    return x.sin()


def slope(x):
    x.requires_grad_()
    y = f(x)
    (g,) = torch.autograd.grad(y, x, grad_outputs=torch.ones_like(y))
    return g


PREDICTIONS = {
    "slopes": torch.tensor([1.0, 0.5, -1.0]),
    "first_zero": math.pi / 2,
}
