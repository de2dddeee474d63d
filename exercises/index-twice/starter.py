import torch


def f(w, idx):
    # a scalar: the sum of the entries of w that idx picks
    ...


def grad_f(w, idx):
    # your prediction of the gradient of f with respect to w, without autograd
    ...


PREDICTIONS = {
    # The two questions of the given code: one number, and three numbers like [0, 0, 0] or None
    # "growth": ...,
    # "w_grad": ...,
}
