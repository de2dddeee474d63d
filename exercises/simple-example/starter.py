import torch


def f(x):
    # the scalar 2 * (x dot x)
    ...


def grad_f(x):
    # your prediction of the gradient of f, without autograd
    ...


PREDICTIONS = {
    # What does each marked line of the given code show?
    # Four numbers like [0, 0, 0, 0], one number, or None
    # "grad_before": ...,
    # "y": ...,
    # "x_grad": ...,
    # "after_zero": ...,
    # "sum_grad": ...,
    # "sum_grad_without_zero": ...,
}
