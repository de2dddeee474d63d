#: score = 2
#: value = "failed author:norm-only"
#: gradient = "failed"
#: prediction = "failed author:gradient-of-norm"
#: fitted-grad = "failed author:old-gradient"
import torch


def f(w, X, y):
    return (X @ w - y).norm()


def grad_w(w, X, y):
    r = X @ w - y
    return X.T @ r / r.norm()


PREDICTIONS = {"w_grad": [-40, -52], "fitted_grad": [-40, -52]}
