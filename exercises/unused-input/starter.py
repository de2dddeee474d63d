import torch


def loss(w, b, x):
    # the sum of (w * x) ** 2; b is not used
    ...


def grads(w, b, x):
    # your prediction of torch.autograd.grad(loss(w, b, x), (w, b), allow_unused=True):
    # a pair, (for w, for b), found without autograd
    ...


def strict(w, b, x):
    # make leaves of w and b, and let torch.autograd.grad raise the error
    ...


PREDICTIONS = {
    # What do the marked lines of the given code show?  Two numbers like [1, 1], or None
    # "b_grad": ...,
    # "b_filled": ...,
    # "b_times_zero": ...,
}
