"""Classic wrong answers about layer normalisation, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_X = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64)
GIVEN_G = torch.ones(3, dtype=torch.float64)


def _parts(x):
    std = torch.sqrt(((x - x.mean()) ** 2).mean() + 1e-5)
    return (x - x.mean()) / std, std


def divided_by_one_less(x, g):
    d = x - x.mean()
    return g * d / torch.sqrt((d**2).sum() / (len(x) - 1) + 1e-5)


def divided_by_the_variance(x, g):
    d = x - x.mean()
    return g * d / ((d**2).mean() + 1e-5)


def not_centred(x, g):
    _, std = _parts(x)
    return g * x / std


def gain_missing(x, g):
    return _parts(x)[0]


def both_fixed(x=GIVEN_X, g=GIVEN_G):
    _, std = _parts(x)
    return g / std


def deviation_fixed(x, g):
    _, std = _parts(x)
    return (g - g.mean()) / std


def mean_fixed(x, g):
    normal, std = _parts(x)
    return (g - normal * (g * normal).mean()) / std


def gain_ignored(x, g):
    return torch.zeros_like(x)


def last_division_lost(x, g):
    normal, _ = _parts(x)
    return g - g.mean() - normal * (g * normal).mean()
