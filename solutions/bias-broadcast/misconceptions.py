"""Classic wrong gradients of X Wᵀ + b by b, as code.

The default arguments have the shapes of the given code: they serve the typed answer, for which
these functions are called without inputs.
"""

import torch

GIVEN_X = torch.zeros(5, 3, dtype=torch.float64)
GIVEN_W = torch.zeros(2, 3, dtype=torch.float64)
GIVEN_B = torch.zeros(2, dtype=torch.float64)


def one_each(X=GIVEN_X, W=GIVEN_W, b=GIVEN_B):
    return torch.ones_like(b)


def one_per_copy(X=GIVEN_X, W=GIVEN_W, b=GIVEN_B):
    return torch.ones(len(X), len(b), dtype=b.dtype)


def outputs_counted(X=GIVEN_X, W=GIVEN_W, b=GIVEN_B):
    return torch.full_like(b, len(b))


def sum_of_each_row(X=GIVEN_X, W=GIVEN_W, b=GIVEN_B):
    return torch.full((len(X),), len(b), dtype=b.dtype)


def all_copies(X=GIVEN_X, W=GIVEN_W, b=GIVEN_B):
    return torch.tensor(float(len(X) * len(b)), dtype=b.dtype)


def weights_kept(V):
    return V.clone()


def weights_across(V):
    return V.sum(dim=1)


def weights_averaged(V):
    return V.mean(dim=0)


def weights_totalled(V):
    return V.sum()


def weights_ignored(V):
    return torch.full((V.shape[1],), V.shape[0], dtype=V.dtype)
