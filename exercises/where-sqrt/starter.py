import torch


def naive(x):
    # the square root where x > 0, and 0 elsewhere, with one torch.where
    ...


def grad_naive(x):
    # your prediction of what autograd says of naive(x).sum(), without autograd
    ...


def safe(x):
    # the same values, with a gradient that is finite everywhere
    ...


PREDICTIONS = {
    # What do the two marked lines of the given code show?  Two numbers;
    # NaN is float("nan")
    # "both": ...,
}
