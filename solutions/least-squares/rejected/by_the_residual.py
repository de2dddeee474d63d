#: score = 4
#: prediction = "failed author:by-the-residual"
#: w-grad = "failed author:by-the-residual"
#: fitted-grad = "failed shape"
import torch


def f(w, X, y):
    return ((X @ w - y) ** 2).sum()


def grad_w(w, X, y):
    # derivative of (...)**2 is 2 * (...)
    return 2 * (X @ w - y)


PREDICTIONS = {"w_grad": [-4, -2, -6], "fitted_grad": [0, 0, 0]}
