#: score = 10
# w (x + w): the product rule on this form gives (x + w) + w.
import torch


def f(w, x):
    return w * (x + w)


def grad_w(w, x):
    outer = x + w
    inner = w
    return outer + inner


PREDICTIONS = dict(w_grad=torch.tensor(7.0), x_grad=torch.tensor(2.0))
