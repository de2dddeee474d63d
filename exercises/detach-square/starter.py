import torch


def f(x):
    # x times x squared, with the square cut out of the graph
    ...


def grad_f(x):
    # your prediction of what autograd gives for f, without autograd
    ...


def slope_f(x):
    # the slope of the curve of f, as you would draw it from its numbers alone
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  One number
    # "x_grad": ...,
}
