#: score = 10
# 顺着循环往前推：每一轮按乘积的求导法则更新导数
import torch


def f(x, n):
    y = 1.0
    for _ in range(int(n)):
        y = x * y
    return y


def grad_f(x, n):
    x.requires_grad_()  # 习惯
    y = torch.ones(len(x))
    g = torch.zeros(len(x))
    for _ in range(n.item()):
        g = g * x + y
        y = y * x
    return g


PREDICTIONS = {"x_grad": 4 * 3**3, "cut_grad": 3**3}
