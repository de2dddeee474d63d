import torch


def f(w, X, y):
    # the scalar ||X w - y||^2
    ...


def grad_w(w, X, y):
    # your prediction of the gradient of f with respect to w, without autograd
    ...


PREDICTIONS = {
    # What do the marked lines of the given code show?  Two numbers like [0, 0], or None
    # "w_grad": ...,
    # "fitted_grad": ...,
}
