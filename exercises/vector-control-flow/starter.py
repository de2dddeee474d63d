import torch


def f(a):
    # b = 2a; double b while the norm of all of b is below 1000;
    # return b if the sum of b is positive, else 100 * b
    ...


def grad_f(a):
    # your prediction of the gradient of f(a).sum(), without autograd
    ...


PREDICTIONS = {
    # What do the two marked lines of the given code show?  Two numbers each, like [0, 0]
    # "a_grad": ...,
    # "a_grad_weighted": ...,
}
