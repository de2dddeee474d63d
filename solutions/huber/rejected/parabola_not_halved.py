#: score = 5
#: value = "failed author:parabola-not-halved"
#: gradient = "failed missing-factor"
import torch


def loss(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, r**2, delta * (r.abs() - delta / 2)).sum()


def grad_w(w, X, y, delta):
    r = X @ w - y
    return X.T @ torch.clamp(r, -delta, delta)


PREDICTIONS = {"r_grad": [0.5, -2, 2, 2]}
