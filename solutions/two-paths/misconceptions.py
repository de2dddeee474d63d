"""Classic wrong gradients of x·w + w² by w, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_W = torch.tensor(2.0, dtype=torch.float64)
GIVEN_X = torch.tensor(3.0, dtype=torch.float64)


def product_only(w=GIVEN_W, x=GIVEN_X):
    return x.clone()


def square_only(w=GIVEN_W, x=GIVEN_X):
    return 2 * w


def paths_multiplied(w=GIVEN_W, x=GIVEN_X):
    return x * 2 * w


def lost_factor(w=GIVEN_W, x=GIVEN_X):
    return x + w


def constant_square(w=GIVEN_W, x=GIVEN_X):
    return x + 2


def exchanged_value(w, x):
    return w * x + x**2


def exchanged(w, x):
    return w + 2 * x
