import torch


def f(x):
    # x + (round(x) - x), with the bracket cut out of the graph
    ...


def grad_loss(x, t):
    # your prediction of the gradient of ((f(x) - t) ** 2).sum() with respect to x, without autograd
    ...


PREDICTIONS = {
    # What does each marked line of the given code show?  One number each
    # "rounded_grad": ...,
    # "x_grad": ...,
}
