import torch


def f(x):
    # one number: x[0]^2 * x[1] + x[1]^3
    ...


def hvp_auto(x, v):
    # the Hessian of f at x, times v, with torch.autograd.grad
    # and without the whole matrix
    ...


def hvp_formula(x, v):
    # the same as a formula of your own, without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Two numbers like [0, 0]
    # "product": ...,
}
