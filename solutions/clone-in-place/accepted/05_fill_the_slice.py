#: score = 10
# x + 0 也是一份新的张量，可以放心改写
import torch


def f(x):
    y = x + 0
    y[:1].fill_(5)
    return torch.linalg.vector_norm(y) ** 2


def grad_f(x):
    g = x.numpy() * 2.0
    g[0] = 0.0
    return torch.from_numpy(g)


PREDICTIONS = {"raises": False, "x_grad": [0, 4, 6]}
