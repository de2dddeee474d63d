#: score = 10
# 分三段的函数，每一段各写一个导数
import torch


def f(a):
    if a < -1:
        return torch.sin(a)
    elif a < 2:
        return a**3
    else:
        return 10 * torch.log(a)


def grad_f(a):
    if a < -1:
        结果 = torch.cos(a)
    elif a < 2:
        结果 = 3 * a**2
    else:
        结果 = 10 / a
    return 结果


PREDICTIONS = {"slopes": (72.0, -40.0, 18.0)}
