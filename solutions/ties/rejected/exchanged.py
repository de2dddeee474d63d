#: score = 3
#: max = "failed author:first-takes-all"
#: pick = "failed author:shared"
#: max-grad = "failed author:first-takes-all"
#: max-dim-grad = "failed author:shared"
# 把两种约定记反了
import torch


def f(x):
    return x.max()


def grad_f(x):
    g = torch.zeros_like(x)
    g[x.argmax()] = 1
    return g


def grad_pick(x):
    tied = (x == x.max()).double()
    return tied / tied.sum()


PREDICTIONS = {"max_grad": [0, 1, 0], "max_dim_grad": [0, 0.5, 0.5]}
