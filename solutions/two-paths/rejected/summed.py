#: score = 3
#: value = "failed reduced"
#: gradient = "failed shape"
#: prediction = "failed reduced"
import torch


def f(w, x):
    return torch.dot(x, w) + torch.dot(w, w)


def grad_w(w, x):
    return (x + 2 * w).sum()


PREDICTIONS = {"w_grad": 7, "x_grad": 2}
