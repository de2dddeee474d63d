"""Classic wrong answers about a loop of products, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_X = torch.tensor(3.0, dtype=torch.float64)
GIVEN_N = 4


def one_round_more(x, n):
    return x ** (n + 1)


def added_up(x, n):
    return n * x


def last_round_only(x=GIVEN_X, n=GIVEN_N):
    return x ** (n - 1)


def exponent_kept(x=GIVEN_X, n=GIVEN_N):
    return n * x**n


def of_one_round_more(x=GIVEN_X, n=GIVEN_N):
    return (n + 1) * x**n


def sum_of_rounds(x=GIVEN_X, n=GIVEN_N):
    return n * torch.ones_like(x)
