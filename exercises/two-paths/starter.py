import torch


def f(w, x):
    # a vector: x * w plus w squared, entry by entry
    ...


def grad_w(w, x):
    # your prediction of the gradient of f(w, x).sum() with respect to w, without autograd
    ...


PREDICTIONS = {
    # What do the marked lines of the given code show?  One number each
    # "w_grad": ...,
    # "x_grad": ...,
}
