#: score = 7
#: prediction = "error"
# X 而不是它的转置：形状对不上
import torch


def f(w, X, y):
    return ((X @ w - y) ** 2).sum()


def grad_w(w, X, y):
    return 2 * X @ (X @ w - y)


PREDICTIONS = {"w_grad": [-40, -52], "fitted_grad": [0, 0]}
