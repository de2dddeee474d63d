import torch


def f(x, c):
    # sort x in ascending order, multiply entry by entry by c, add up
    ...


def grad_f(x, c):
    # your prediction of the gradient of f with respect to x, without autograd
    ...


PREDICTIONS = {
    # What does each marked line of the given code show?  Three numbers each
    # "order": ...,
    # "x_grad": ...,
}
