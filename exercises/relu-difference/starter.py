import torch


def f(x):
    # relu(x) - relu(-x), written with relu
    ...


def grad_f(x):
    # your prediction of what autograd returns for f(x).sum(), without asking it
    ...


def calculus_f(x):
    # the derivative of f at each entry of x, as calculus has it
    ...


PREDICTIONS = {
    # The slope of f at 0: what autograd says, then what calculus says.  Two numbers like [2, 3]
    # "at_zero": ...,
}
