#: score = 10
import torch


def f(x):
    return x.prod()


def grad_f(x):
    g = torch.empty_like(x)
    for i in range(len(x)):
        others = torch.cat([x[:i], x[i + 1 :]])
        g[i] = others.prod()
    return g


PREDICTIONS = {"x_grad": [0, 6, 0]}
