#: score = 3
#: max = "failed author:one-for-each"
#: pick = "failed author:one-for-each"
#: max-grad = "failed author:one-for-each"
#: max-dim-grad = "failed author:one-for-each"
import torch


def f(x):
    return x.max()


def grad_f(x):
    return (x == x.max()).to(x.dtype)


def grad_pick(x):
    return grad_f(x)


PREDICTIONS = {"max_grad": [0, 1, 1], "max_dim_grad": [0, 1, 1]}
