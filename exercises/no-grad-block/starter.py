import torch


def f(x):
    # inside a no_grad block: u = x * x
    # after it: return u * x
    ...


def grad_f(x):
    # your prediction of the gradient of f(x).sum(), without autograd
    ...


PREDICTIONS = {
    # What does each marked line of the given code show?
    # Three times True or False, as a list
    # "recorded": ...,
    # One number
    # "x_grad": ...,
}
