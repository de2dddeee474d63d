import torch


def loss(w, b, x, use):
    # the sum of the squares of w * x + b, or of w * x alone if use is False
    ...


def grads(w, b, x, use):
    # your prediction of torch.autograd.grad(loss(w, b, x, use), (w, b), allow_unused=True):
    # a pair, (for w, for b), found without autograd
    ...


def strict(w, b, x):
    # make leaves of w and b; use is False; let torch.autograd.grad raise the error
    ...


PREDICTIONS = {
    # What do the marked lines of the given code show?  Two numbers like [1, 1], or None
    # "b_grad": ...,
    # "b_filled": ...,
    # "b_times_zero": ...,
}
