#: score = 8
#: value = "failed author:halves-away-from-zero"
# 四舍五入：恰好在正中间时，总是按绝对值进一
import torch


def f(x):
    r = torch.sign(x) * torch.floor(torch.abs(x) + 0.5)
    return x + (r - x).detach()


def grad_loss(x, t):
    return 2 * (torch.round(x) - t)


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
