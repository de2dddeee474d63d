"""Classic wrong gradients of f on a tensor, as code.

The default argument is the a of the given code: it serves the typed answers, for which these
functions are called without inputs.
"""

import torch
from reference import f

GIVEN_A = torch.tensor([300.0, -100.0], dtype=torch.float64)


def _alone(entry):
    return f(entry.reshape(1))[0]


def each_for_itself(a=GIVEN_A):
    values = torch.stack([_alone(entry) for entry in a.reshape(-1)])
    return (values / a.reshape(-1)).reshape(a.shape)


def each_for_itself_value(a):
    return each_for_itself(a) * a


def own_branch(a=GIVEN_A):
    slope = (f(a) / a).abs()
    doublings = slope if a.sum() > 0 else slope / 100
    return torch.where(a > 0, doublings, 100 * doublings)


def own_branch_value(a):
    return own_branch(a) * a


def weighted(a=GIVEN_A):
    return f(a) * (f(a) / a)


def first_step(a=GIVEN_A):
    return torch.full_like(a, 2.0)


def no_hundred(a):
    slope = f(a) / a
    return slope if a.sum() > 0 else slope / 100


def values(a=GIVEN_A):
    return f(a)


def unweighted(a=GIVEN_A):
    return f(a) / a
