import torch


def f(x):
    # the product of all entries of x
    ...


def grad_f(x):
    # your prediction of the gradient of f, without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Three numbers like [0, 0, 0]
    # "x_grad": ...,
}
