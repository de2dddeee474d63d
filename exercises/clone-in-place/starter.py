import torch


def f(x):
    # y = a clone of x; set y[0] to 5; return the sum of the squares of y
    ...


def grad_f(x):
    # your prediction of the gradient of f, without autograd
    ...


PREDICTIONS = {
    # Does any line of the given code raise an error?  True or False
    # "raises": ...,
    # What does its last line show?  Three numbers like [0, 0, 0], or None
    # "x_grad": ...,
}
