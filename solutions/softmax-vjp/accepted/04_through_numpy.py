#: score = 10
import numpy as np
import torch


def f(x):
    # 减去最大值，数值上更稳
    z = torch.exp(x - x.max())
    return z / z.sum()


def vjp_f(x, v):
    z = np.exp(x.numpy() - x.numpy().max())
    s = z / z.sum()
    w = v.numpy()
    return torch.from_numpy(s * w - s * np.sum(s * w))


p = 1 / 4
PREDICTIONS = {"x_grad": [4 * p * (1 - p)] + [-4 * p * p] * 3}
