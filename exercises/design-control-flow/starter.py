import torch


def f(a):
    # your own function of a scalar a != 0,
    # with an if or a while that looks at a
    ...


def grad_f(a):
    # your prediction of the gradient of your f, without autograd
    ...


PREDICTIONS = {
    # slope(4.0), slope(-5.0) and slope(9.0) in the given code:
    # three numbers like [0, 0, 0]
    # "slopes": ...,
}
