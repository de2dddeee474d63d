#: score = 6
#: prediction = "failed author:one-zero"
#: sum-grad = "failed none-for-zero"
# 斜率是 0，但忘了梯度的形状
import torch


def f(x):
    return torch.softmax(x, dim=0).sum()


def grad_f(x):
    return torch.tensor(0.0)


PREDICTIONS = {"first_grad": [0.25, -0.25], "sum_grad": None}
