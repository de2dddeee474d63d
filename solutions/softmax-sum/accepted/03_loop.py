#: score = 10
# 每个概率单独算，最后相加
import torch


def f(x):
    分母 = 0
    for v in x:
        分母 = 分母 + torch.exp(v)
    总和 = 0
    for v in x:
        总和 = 总和 + torch.exp(v) / 分母
    return 总和


def grad_f(x):
    # 总和恒等于 1，所以梯度是 0
    return torch.tensor([0.0 for _ in x])


PREDICTIONS = {"first_grad": (1 / 4, -1 / 4), "sum_grad": (0.0, 0.0)}
