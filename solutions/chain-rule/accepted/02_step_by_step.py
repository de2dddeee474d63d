#: score = 10
# 每一步记一个中间结果，再从后往前乘
import torch


def f(x):
    a = x * x
    b = torch.log(a)
    c = torch.sin(x)
    d = b * c
    e = 1 / x
    return d + e


def grad_f(x):
    a = x * x
    b = torch.log(a)
    c = torch.sin(x)
    # 从结果往回
    对d = 1.0
    对e = 1.0
    对b = 对d * c
    对c = 对d * b
    对a = 对b / a
    return 对a * 2 * x + 对c * torch.cos(x) + 对e * (-1 / x**2)


PREDICTIONS = {"at_two": 0.0824}
