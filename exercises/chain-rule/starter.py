import torch


def f(x):
    # ln(x^2) * sin(x) + 1/x at every entry of x
    ...


def grad_f(x):
    # your prediction of the derivative at every entry, without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  One number, three digits at least
    # "at_two": ...,
}
