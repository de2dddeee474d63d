#: score = 10
# The product of the others = product of those before times product of those after.
import torch


def f(x):
    return torch.cumprod(x, dim=0)[-1]


def grad_f(x):
    one = torch.ones(1, dtype=x.dtype)
    before = torch.cat([one, x[:-1]]).cumprod(0)
    after = torch.cat([one, x.flip(0)[:-1]]).cumprod(0).flip(0)
    return before * after


PREDICTIONS = {"x_grad": (0.0, 6.0, 0.0)}
