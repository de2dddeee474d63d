#: score = 6
#: prediction = "failed mean-for-sum"
import torch


def f(x):
    return x.prod()


def grad_f(x):
    n = len(x)
    return torch.stack([torch.cat([x[:i], x[i + 1 :]]).prod() / n for i in range(n)])


PREDICTIONS = {"x_grad": [0, 6, 0]}
