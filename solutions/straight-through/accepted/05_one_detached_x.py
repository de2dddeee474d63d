#: score = 10
import numpy as np
import torch


def f(x):
    # round 的梯度本来就是零，只要把减去的 x 断开就够了
    return x + torch.round(x) - x.detach()


def grad_loss(x, t):
    return torch.from_numpy(2 * (np.rint(x.numpy()) - t.numpy()))


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1.0}
