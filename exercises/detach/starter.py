import torch


def f(x):
    # y = x * x; u = y, cut out of the graph; return u * x
    ...


def grad_z(x):
    # your prediction of the gradient of z.sum(), without autograd
    ...


def grad_y(x):
    # your prediction of the gradient of y.sum(), without autograd
    ...


PREDICTIONS = {
    # What does the marked line of the given code show?  Four times True or False, as a list
    # "u_equals_grad": ...,
}
