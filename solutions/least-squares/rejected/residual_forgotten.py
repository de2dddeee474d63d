#: score = 4
#: prediction = "failed author:no-residual"
#: w-grad = "failed author:no-residual"
#: fitted-grad = "failed"
import torch


def f(w, X, y):
    return ((X @ w - y) ** 2).sum()


def grad_w(w, X, y):
    return 2 * X.sum(0)


PREDICTIONS = {"w_grad": [18, 24], "fitted_grad": [18, 24]}
