#: score = 10
import torch


def first(x):
    return torch.arange(len(x)) == 0


def f(x):
    y = torch.where(first(x), 5.0, x)
    return y.square().sum()


def grad_f(x):
    # x[0] does not matter any more
    return 2 * x * ~first(x)


PREDICTIONS = dict(raises=False, x_grad=(0.0, 4.0, 6.0))
