#: score = 10
# 差值在 no_grad 里算，它就是常数
import torch


def f(x):
    with torch.no_grad():
        c = x.round() - x
    return x + c


def grad_loss(x, t):
    y = f(x)
    outer = 2 * (y - t)  # 外层导数，用的是取整后的值
    inner = torch.ones_like(x)  # f 的斜率
    return outer * inner


PREDICTIONS = {"rounded_grad": 0.0, "x_grad": torch.tensor(1.0)}
