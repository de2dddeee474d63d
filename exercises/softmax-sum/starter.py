import torch


def f(x):
    # a scalar: the sum of the softmax of x
    ...


def grad_f(x):
    # your prediction of the gradient of f, without autograd
    ...


PREDICTIONS = {
    # What do the marked lines of the given code show?  Two numbers like [0, 0], or None
    # "first_grad": ...,
    # "sum_grad": ...,
}
