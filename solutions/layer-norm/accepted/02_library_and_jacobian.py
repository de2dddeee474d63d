#: score = 10
# 雅可比矩阵：(I - 1/n - x̂x̂ᵀ/n) / σ
import torch
import torch.nn.functional as F


def norm(x, g):
    return F.layer_norm(x, x.shape, weight=g, eps=1e-5)


def grad_x(x, g):
    n = len(x)
    标准差 = (x.var(unbiased=False) + 1e-5).sqrt()
    h = (x - x.mean()) / 标准差
    J = (torch.eye(n) - torch.ones(n, n) / n - torch.outer(h, h) / n) / 标准差
    return g @ J


PREDICTIONS = {"sum_grad": torch.zeros(3), "doubled": "half"}
