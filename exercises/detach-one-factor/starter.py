import torch


def f(x):
    # detach(x) * x + x * x, entry by entry
    ...


def grad_f(x):
    # your prediction of the gradient of f(x).sum(), without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  One number
    # "x_grad": ...,
}
