import torch


def f(x):
    # the softmax of the vector x
    ...


def vjp_f(x, v):
    # your prediction of v^T J, where J is the Jacobian of softmax at x, without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Four numbers like [0, 0, 0, 0]
    # "x_grad": ...,
}
