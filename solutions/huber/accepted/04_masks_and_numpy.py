#: score = 10
import numpy as np
import torch


def loss(w, X, y, delta):
    r = X.matmul(w) - y
    a = torch.abs(r)
    small = a.clamp(max=delta.item())
    # both branches in one line
    return (small**2 / 2 + delta * (a - small)).sum()


def grad_w(w, X, y, delta):
    w, X, y = w.detach().numpy(), X.numpy(), y.numpy()
    r = X @ w - y
    d = float(delta)
    r[r > d] = d
    r[r < -d] = -d
    return torch.from_numpy(np.dot(r, X))


PREDICTIONS = {"r_grad": "0.5 -2 2 2"}
