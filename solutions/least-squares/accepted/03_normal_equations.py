#: score = 10
# Multiplied out: wᵀXᵀXw - 2 wᵀXᵀy + yᵀy.
import torch


def f(w, X, y):
    G, c = X.T @ X, X.T @ y
    return w @ G @ w - 2 * (w @ c) + y @ y


def grad_w(w, X, y):
    G, c = X.T @ X, X.T @ y
    return 2 * (G @ w - c)


PREDICTIONS = dict(w_grad=torch.tensor([-40.0, -52.0]), fitted_grad=torch.zeros(2))
