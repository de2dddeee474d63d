#: score = 4
#: prediction = "failed value-not-gradient"
#: at-two = "failed"
# 返回了函数值；最后一问只写了一位数
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    return f(x)


PREDICTIONS = {"at_two": 0.1}
