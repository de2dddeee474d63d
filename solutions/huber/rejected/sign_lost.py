#: score = 5
#: prediction = "failed author:far-sign-lost"
#: r-grad = "failed author:r-sign-lost"
# 远处一律取了 delta，忘了绝对值的符号
import torch


def loss(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, r**2 / 2, delta * (r.abs() - delta / 2)).sum()


def grad_w(w, X, y, delta):
    r = X @ w - y
    return X.T @ torch.where(r.abs() <= delta, r, delta)


PREDICTIONS = {"r_grad": [0.5, 2, 2, 2]}
