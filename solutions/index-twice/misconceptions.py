"""Classic wrong gradients of w[idx].sum() by w, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_W = torch.tensor([0.5, -1.0, 3.0], dtype=torch.float64)
GIVEN_IDX = torch.tensor([0, 0, 1])


def once_each(w=GIVEN_W, idx=GIVEN_IDX):
    gradient = torch.zeros_like(w)
    gradient[idx] = 1.0
    return gradient


def all_ones(w, idx):
    return torch.ones_like(w)


def shape_of_idx(w, idx):
    return torch.ones(len(idx), dtype=w.dtype)


def picked_values(w=GIVEN_W, idx=GIVEN_IDX):
    return torch.bincount(idx, minlength=len(w)) * w


def shares(w=GIVEN_W, idx=GIVEN_IDX):
    return torch.bincount(idx, minlength=len(w)).to(w.dtype) / len(idx)


def mean_of_picked(w, idx):
    return w[idx].mean()


def sum_of_all(w, idx):
    return w.sum()


def repeats_dropped(w, idx):
    return w[idx.unique()].sum()
