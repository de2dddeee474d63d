import torch


def root(x):
    # for every entry of x, the y with y**3 + y = x, so that autograd finds the right gradient
    ...


def grad_root(x):
    # your prediction of the gradient of root(x).sum(), without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Two numbers like [0, 0]
    # "x_grad": ...,
    # And without the line before y.sum().backward()?  "raises", "same" or "zeros"
    # "without_step": ...,
}
