#: score = 10
import torch


def f(w, X, y):
    r = X @ w - y
    return (r**2).sum()


def grad_w(w, X, y):
    r = X @ w - y
    return X.T @ (2 * r)


PREDICTIONS = {"w_grad": [-40, -52], "fitted_grad": [0, 0]}
