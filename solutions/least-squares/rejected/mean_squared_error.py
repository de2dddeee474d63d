#: score = 1
#: value = "failed author:mean-squares"
#: gradient = "failed mean-for-sum"
#: prediction = "failed author:averaged"
#: w-grad = "failed author:averaged"
import torch
from torch import nn


def f(w, X, y):
    return nn.functional.mse_loss(X @ w, y)


def grad_w(w, X, y):
    return 2 * X.T @ (X @ w - y) / len(X)


PREDICTIONS = {"w_grad": [-13.333, -17.333], "fitted_grad": [0, 0]}
