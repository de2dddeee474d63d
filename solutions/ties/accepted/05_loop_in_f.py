#: score = 10
# torch.maximum 在两数相等时各分一半，三个并列就不再平均，所以这里先找出并列的位置
import torch


def where_max(x):
    best = x[0].item()
    for v in x:
        if v.item() > best:
            best = v.item()
    return [i for i in range(len(x)) if x[i].item() == best]


def f(x):
    tied = where_max(x)
    total = 0
    for i in tied:
        total = total + x[i]
    return total / len(tied)


def grad_f(x):
    tied = where_max(x)
    g = torch.zeros(len(x), dtype=torch.float64)
    for i in tied:
        g[i] = 1 / len(tied)
    return g


def grad_pick(x):
    g = torch.zeros(len(x), dtype=torch.float64)
    g[where_max(x)[0]] = 1.0
    return g


PREDICTIONS = {"max_grad": [0.0, 0.5, 0.5], "max_dim_grad": [0.0, 1.0, 0.0]}
