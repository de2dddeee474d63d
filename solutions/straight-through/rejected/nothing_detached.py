#: score = 3
#: gradient = "failed author:stays-flat"
#: prediction = "failed author:slope-two"
#: x-grad = "failed author:counted-twice"
# 忘了 detach：x 与 -x 的梯度抵消了
import torch


def f(x):
    return x + (torch.round(x) - x)


def grad_loss(x, t):
    return 4 * (torch.round(x) - t)


PREDICTIONS = {"rounded_grad": 0, "x_grad": 2}
