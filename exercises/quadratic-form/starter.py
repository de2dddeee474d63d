import torch


def f(x, A):
    # the scalar x^T A x
    ...


def grad_x(x, A):
    # your prediction of the gradient of f with respect to x, without autograd
    ...


PREDICTIONS = {
    # What do the marked lines of the given code show?  Two numbers like [0, 0], or None
    # "x_grad": ...,
    # "skew_grad": ...,
}
