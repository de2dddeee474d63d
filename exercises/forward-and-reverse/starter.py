import torch


def push(x, t):
    # carry the tangent t of x through the lines of f, from the top;
    # return the tangent of y
    ...


def pull(x, v):
    # carry the adjoint v of y through the lines of f, from the bottom;
    # return the adjoint of x
    ...


PREDICTIONS = {
    # The derivative of f, as a formula in x: a text such as "cos(x)"
    # "slope": ...,
    # At x = 3 with t = 1: the tangents of a, b, c, d, e, y
    # "tangents": [..., ..., ..., ..., ..., ...],
    # At x = 3 with v = 1: the adjoints of e, d, c, b, a, x
    # "adjoints": [..., ..., ..., ..., ..., ...],
}
