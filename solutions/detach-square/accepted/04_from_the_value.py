#: score = 10
import numpy as np
import torch


def f(x):
    xd = x.detach()
    return torch.mul(x, xd.square())


def grad_f(x):
    # 过原点的直线 c*x，斜率就是 c
    return torch.tensor(np.square(x.numpy()))


def slope_f(x):
    return torch.stack([grad_f(x)] * 3).sum()


PREDICTIONS = {}
PREDICTIONS["x_grad"] = 4**2
