#: score = 3
#: value = "failed not-reduced"
#: gradient = "failed shape"
#: prediction = "failed not-reduced"
import torch


def f(w, X, y):
    return (X @ w - y) ** 2


def grad_w(w, X, y):
    r = X @ w - y
    return 2 * r[:, None] * X


PREDICTIONS = {"w_grad": [-40, -52], "fitted_grad": [0, 0]}
