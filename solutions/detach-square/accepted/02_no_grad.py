#: score = 10
# 在 no_grad 里算平方，它就成了常数
import torch


def f(x):
    with torch.no_grad():
        c = x * x
    return c * x


def grad_f(x):
    c = x * x
    return c


def slope_f(x):
    # 按乘积法则：x 的导数乘平方，加上 x 乘平方的导数
    return 1 * x * x + x * 2 * x


PREDICTIONS = {"x_grad": torch.tensor(16.0)}
