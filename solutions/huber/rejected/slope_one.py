#: score = 5
#: prediction = "failed author:slope-one-far-out"
#: r-grad = "failed author:r-slope-one"
import torch


def loss(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, r**2 / 2, delta * (r.abs() - delta / 2)).sum()


def grad_w(w, X, y, delta):
    r = X @ w - y
    return X.T @ torch.where(r.abs() <= delta, r, torch.sign(r))


PREDICTIONS = {"r_grad": [0.5, -1, 2, 1]}
