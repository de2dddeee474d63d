#: score = 10
# y - Xw brings a minus, which the derivative of Xw takes back.
import torch
import torch.nn.functional as F


def f(w, X, y):
    return F.mse_loss(X @ w, y, reduction="sum")


def grad_w(w, X, y):
    missing = y - torch.mv(X, w)
    return -2 * (missing @ X)


PREDICTIONS = {"w_grad": (-40, -52), "fitted_grad": (0, 0)}
