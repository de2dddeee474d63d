import torch


def f(x):
    # the largest entry of x, with the gradient of x.max()
    ...


def grad_f(x):
    # your prediction of the gradient of x.max(), without autograd
    ...


def grad_pick(x):
    # your prediction of the gradient of x.max(dim=0).values, without autograd
    ...


PREDICTIONS = {
    # What do the two marked lines of the given code show?  Three numbers each, like [0, 0, 0]
    # "max_grad": ...,
    # "max_dim_grad": ...,
}
