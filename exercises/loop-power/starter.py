import torch


def f(x, n):
    # begin with ones of the shape of x, and multiply by x in a loop of n rounds
    ...


def grad_f(x, n):
    # your prediction of the gradient of f(x, n).sum() with respect to x, without autograd
    ...


PREDICTIONS = {
    # What do the marked lines of the given code show?  One number each
    # "x_grad": ...,
    # "cut_grad": ...,
}
