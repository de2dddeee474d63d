import torch


def f(x):
    # log of the sum of exp(x), without overflow
    ...


def grad_f(x):
    # your prediction of the gradient of f, without autograd (and without overflow)
    ...


PREDICTIONS = {
    # What does each marked line of the given code show?  inf and nan are written as
    # float("inf") and float("nan")
    # "naive_y": ...,
    # "naive_grad": ...,
}
