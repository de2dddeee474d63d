#: score = 10
import matplotlib.pyplot as plt
import numpy as np
import torch


def huber(r, delta):
    a = torch.abs(r)
    return torch.where(a <= delta, 0.5 * a**2, delta * a - 0.5 * delta**2)


def loss(w, X, y, delta):
    return huber(X @ w - y, delta).sum()


def grad_w(w, X, y, delta):
    w.requires_grad_(True)
    r = (X @ w - y).detach()
    slope = torch.zeros(len(r))
    slope[r.abs() <= delta] = r[r.abs() <= delta]
    slope[r > delta] = 1.0 * delta
    slope[r < -delta] = -1.0 * delta
    return torch.sum(slope[:, None] * X, 0)


PREDICTIONS = {"r_grad": [0.5, -2.0, 2.0, 2.0]}

t = torch.linspace(-5, 5, 101)
plt.figure(figsize=(4, 3))
plt.plot(t, huber(t, torch.tensor(1.0)), label="huber")
plt.plot(t, np.square(t.numpy()) / 2, label="squared")
plt.legend()
