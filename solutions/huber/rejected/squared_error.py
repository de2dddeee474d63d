#: score = 0
#: value = "failed author:squares-only"
#: gradient = "failed missing-factor"
#: prediction = "failed author:never-cut-off"
#: r-grad = "failed author:r-never-cut-off"
# 忘了远处的分支
import torch


def loss(w, X, y, delta):
    r = X @ w - y
    return (r**2).sum() / 2


def grad_w(w, X, y, delta):
    return X.T @ (X @ w - y)


PREDICTIONS = {"r_grad": [0.5, -3, 2, 8]}
