#: score = 4
#: prediction = "failed author:stays-in-place"
#: order = "failed author:places-instead"
#: x-grad = "failed author:stays-in-place"
import torch


def f(x, c):
    return (torch.sort(x).values * c).sum()


def grad_f(x, c):
    # 和的导数就是系数
    return c


PREDICTIONS = {"order": [2, 0, 1], "x_grad": [10, 20, 30]}
