"""Classic wrong answers about the gradient of an expectation, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_THETA = torch.zeros(2, dtype=torch.float64)
GIVEN_R = torch.tensor([4.0, 0.0], dtype=torch.float64)


def plain_mean(theta, r):
    return r.mean()


def weights_forgotten(theta, r):
    return (r * torch.log_softmax(theta, dim=0)).sum()


def logarithm_forgotten(theta, r):
    return (torch.softmax(theta, dim=0) * r).sum()


def total_fixed(theta=GIVEN_THETA, r=GIVEN_R):
    return torch.softmax(theta, dim=0) * r


def diagonal_only(theta=GIVEN_THETA, r=GIVEN_R):
    p = torch.softmax(theta, dim=0)
    return p * (1 - p) * r


def probability_lost(theta=GIVEN_THETA, r=GIVEN_R):
    return r - torch.softmax(theta, dim=0) @ r


def by_the_probabilities(theta=GIVEN_THETA, r=GIVEN_R):
    return r.clone()


def baseline_unweighted(theta, r):
    return torch.softmax(theta, dim=0) * (r - r.mean())
