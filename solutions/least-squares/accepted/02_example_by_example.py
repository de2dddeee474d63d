#: score = 10
# 每个样本各算各的，再加起来
import torch


def f(w, X, y):
    损失 = 0
    for 特征, 目标 in zip(X, y):
        误差 = torch.dot(特征, w) - 目标
        损失 = 损失 + 误差**2
    return 损失


def grad_w(w, X, y):
    g = torch.zeros_like(w)
    for 特征, 目标 in zip(X, y):
        误差 = torch.dot(特征, w) - 目标
        g += 2 * 误差 * 特征
    return g


PREDICTIONS = {"w_grad": [-40.0, -52.0], "fitted_grad": [0.0, 0.0]}
