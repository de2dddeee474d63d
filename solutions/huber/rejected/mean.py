#: score = 5
#: value = "failed author:averaged"
#: gradient = "failed mean-for-sum"
# F.huber_loss 默认取平均
import torch
import torch.nn.functional as F


def loss(w, X, y, delta):
    return F.huber_loss(X @ w, y, delta=delta.item())


def grad_w(w, X, y, delta):
    r = X @ w - y
    return X.T @ r.clamp(-delta, delta)


PREDICTIONS = {"r_grad": [0.5, -2, 2, 2]}
