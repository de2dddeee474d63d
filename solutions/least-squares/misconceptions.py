"""Classic wrong values and gradients of least squares, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch

GIVEN_W = torch.tensor([1.0, -1.0], dtype=torch.float64)
GIVEN_X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype=torch.float64)
GIVEN_Y = torch.tensor([1.0, 0.0, 2.0], dtype=torch.float64)


def no_two(w=GIVEN_W, X=GIVEN_X, y=GIVEN_Y):
    return X.T @ (X @ w - y)


def reversed_residual(w=GIVEN_W, X=GIVEN_X, y=GIVEN_Y):
    return 2 * X.T @ (y - X @ w)


def averaged(w=GIVEN_W, X=GIVEN_X, y=GIVEN_Y):
    return 2 * X.T @ (X @ w - y) / len(y)


def by_the_residual(w=GIVEN_W, X=GIVEN_X, y=GIVEN_Y):
    return 2 * (X @ w - y)


def no_target(w=GIVEN_W, X=GIVEN_X, y=GIVEN_Y):
    return 2 * X.T @ (X @ w)


def no_residual(w=GIVEN_W, X=GIVEN_X, y=GIVEN_Y):
    return 2 * X.sum(dim=0)


def gradient_of_norm(w, X, y):
    r = X @ w - y
    return X.T @ r / r.norm()


def norm_only(w, X, y):
    return (X @ w - y).norm()


def mean_squares(w, X, y):
    return ((X @ w - y) ** 2).mean()
