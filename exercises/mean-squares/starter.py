import torch


def f(x):
    # the mean of the squares of all entries of x, a scalar
    ...


def grad_f(x):
    # your prediction of the gradient of f, without autograd
    ...


PREDICTIONS = {
    # What do the marked lines of the given code show?
    # Four numbers like [0, 0, 0, 0], and one number
    # "x_grad": ...,
    # "first_of_eight": ...,
}
