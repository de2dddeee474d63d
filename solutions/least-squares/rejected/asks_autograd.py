#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(w, X, y):
    return ((X @ w - y) ** 2).sum()


def grad_w(w, X, y):
    w = w.detach().requires_grad_(True)
    f(w, X, y).backward()
    return w.grad


PREDICTIONS = {"w_grad": [-40, -52], "fitted_grad": [0, 0]}
