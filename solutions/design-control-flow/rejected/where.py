#: score = 7
#: branches = "failed"
# where 两边都算，不是分支
import torch


def f(a):
    return torch.where(a > 0, a * a, -3 * a)


def grad_f(a):
    return torch.where(a > 0, 2 * a, -3 * torch.ones_like(a))


PREDICTIONS = {"slopes": [72, -40, 18]}
