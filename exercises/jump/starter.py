import torch


def f(x):
    # each entry of x: unchanged when it is smaller than 1, otherwise plus 5
    ...


def grad_f(x):
    # your prediction of the gradient of f(x).sum(), without autograd
    ...


PREDICTIONS = {
    # What is x.grad in the given code?  A number, or None
    # "at_one": ...,
    # Does the difference quotient come near that number when h is small?  True or False
    # "quotient_agrees": ...,
}
