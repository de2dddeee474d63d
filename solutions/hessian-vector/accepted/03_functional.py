#: score = 10
import torch
from torch.autograd.functional import hvp


def f(x):
    return torch.prod(torch.stack([x[0], x[0], x[1]])) + x[1].pow(3)


def hvp_auto(x, v):
    return hvp(f, x, v)[1]


def hvp_formula(x, v):
    return torch.tensor(
        [
            2 * x[1].item() * v[0].item() + 2 * x[0].item() * v[1].item(),
            2 * x[0].item() * v[0].item() + 6 * x[1].item() * v[1].item(),
        ],
        dtype=x.dtype,
    )


PREDICTIONS = dict(product=(2.0, -10.0))
