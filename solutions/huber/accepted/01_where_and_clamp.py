#: score = 10
import torch


def loss(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, 0.5 * r**2, delta * (r.abs() - 0.5 * delta)).sum()


def grad_w(w, X, y, delta):
    r = X @ w - y
    return X.T @ torch.clamp(r, -delta, delta)


PREDICTIONS = {"r_grad": [0.5, -2, 2, 2]}
