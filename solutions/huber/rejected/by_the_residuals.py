#: score = 5
#: prediction = "failed author:by-the-residual"
#: r-grad = "failed author:r-zero-where-they-meet"
import torch


def loss(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, r**2 / 2, delta * (r.abs() - delta / 2)).sum()


def grad_w(w, X, y, delta):
    r = X @ w - y
    return torch.clamp(r, -delta, delta)


PREDICTIONS = {"r_grad": [0.5, -2, 0, 2]}
