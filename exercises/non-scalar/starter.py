import torch


def f(x):
    # a vector: each entry of x squared
    ...


def grad_f(x):
    # your prediction of the gradient of f(x).sum(), without autograd
    ...


def vjp_f(x, v):
    # your prediction of v^T J, where J is the Jacobian of f at x, without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Four numbers like [0, 0, 0, 0]
    # "x_grad": ...,
}
