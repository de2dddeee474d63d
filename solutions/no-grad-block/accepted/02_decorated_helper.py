#: score = 10
# 把块写成装饰器，只罩住计算 u 的函数
import torch


@torch.no_grad()
def square(t):
    return t**2


def f(x):
    return square(x) * x


grad_f = square

PREDICTIONS = {"recorded": (True, False, True), "x_grad": 25.0}
