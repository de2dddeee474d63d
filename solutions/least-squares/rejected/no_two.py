#: score = 5
#: prediction = "failed author:no-two"
#: w-grad = "failed author:no-two"
import torch


def f(w, X, y):
    return ((X @ w - y) ** 2).sum()


def grad_w(w, X, y):
    return X.T @ (X @ w - y)


PREDICTIONS = {"w_grad": [-20, -26], "fitted_grad": [0, 0]}
