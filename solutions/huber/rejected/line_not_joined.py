#: score = 7
#: value = "failed author:line-not-joined"
# The slopes are right, and so are all the gradients.
import torch


def loss(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, r**2 / 2, delta * r.abs()).sum()


def grad_w(w, X, y, delta):
    r = X @ w - y
    return X.T @ torch.clamp(r, -delta, delta)


PREDICTIONS = {"r_grad": [0.5, -2, 2, 2]}
