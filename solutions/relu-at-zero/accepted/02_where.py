#: score = 10
# 用 where 自己写 relu：等号归到常数 0 那一边
import torch


def f(x):
    return torch.where(x > 0, x, torch.zeros_like(x))


def 阶梯(x, 中间):
    结果 = torch.ones_like(x)
    结果[x < 0] = 0.0
    结果[x == 0] = 中间
    return 结果


def grad_relu(x):
    return 阶梯(x, 0.0)


def grad_clamp(x):
    return 阶梯(x, 1.0)


def grad_maximum(x):
    return 阶梯(x, 0.5)


PREDICTIONS = {"at_zero": torch.tensor([0.0, 1.0, 0.5])}
