#: score = 10
# 数一数一共乘了多少个 2，负数再乘 100
import torch


def f(a):
    b = 2 * a
    while b.norm() < 1000:
        b = 2 * b
    if b.sum() > 0:
        return b
    else:
        return 100 * b


def grad_f(a):
    b = 2 * a
    n = 1
    while b.norm() < 1000:
        b = 2 * b
        n += 1
    倍数 = 2.0 ** n
    if a < 0:
        倍数 = 倍数 * 100
    return torch.tensor(倍数, dtype=a.dtype)


PREDICTIONS = {"ratio": True}
