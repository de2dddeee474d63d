#: score = 0
#: value = "failed one-branch"
#: gradient = "failed missing-path"
#: prediction = "failed author:far-flat"
#: r-grad = "failed"
# outliers are left out altogether
import torch


def loss(w, X, y, delta):
    r = X @ w - y
    kept = r[r.abs() <= delta]
    return (kept**2 / 2).sum()


def grad_w(w, X, y, delta):
    r = X @ w - y
    kept = r.abs() <= delta
    return X[kept].T @ r[kept]


PREDICTIONS = {"r_grad": [0.5, 0, 2, 0]}
