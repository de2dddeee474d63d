#: score = 10
# 全部用 Python 的列表来算
import torch


def f(x):
    return torch.amax(x)


def grad_f(x):
    数 = x.tolist()
    最大 = max(数)
    个数 = 数.count(最大)
    return torch.tensor([1 / 个数 if v == 最大 else 0.0 for v in 数], dtype=x.dtype)


def grad_pick(x):
    数 = x.tolist()
    第一个 = 数.index(max(数))
    return torch.tensor([float(i == 第一个) for i in range(len(数))])


PREDICTIONS = {"max_grad": (0.0, 1 / 2, 1 / 2), "max_dim_grad": (0.0, 1.0, 0.0)}
