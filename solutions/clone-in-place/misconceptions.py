"""Classic wrong gradients after an assignment in place, as code.

The default argument is the x of the given code: it serves the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_X = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)


def not_overwritten(x=GIVEN_X):
    return 2 * x


def through_the_five(x=GIVEN_X):
    return torch.cat([torch.full_like(x[:1], 10.0), 2 * x[1:]])


def all_cut(x=GIVEN_X):
    return torch.zeros_like(x)


def unchanged_value(x):
    return (x * x).sum()


def unchanged_slope(x):
    return 2 * x


def unseen_write(x):
    return through_the_five(x)
