#: score = 5
#: value = "failed scale"
#: gradient = "failed scale"
#: fitted-grad = "failed none-for-zero"
# The factor 1/2 of the textbook, and a gradient that is cleared counted as none.
import torch


def f(w, X, y):
    r = X @ w - y
    return 0.5 * (r @ r)


def grad_w(w, X, y):
    return 2 * X.T @ (X @ w - y)


PREDICTIONS = {"w_grad": [-40, -52], "fitted_grad": None}
