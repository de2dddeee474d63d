import torch


def norm(x, g):
    # subtract the mean, divide by the square root of (variance + 1e-5), multiply by the gain g
    ...


def grad_x(x, g):
    # your prediction of the gradient of norm(x, g).sum() with respect to x, without autograd
    ...


PREDICTIONS = {
    # What is x.grad after the first backward of the given code?  Three numbers like [1, 1, 1]
    # "sum_grad": ...,
    # What is z.grad beside x.grad in the end?  "same", "double" or "half"
    # "doubled": ...,
}
