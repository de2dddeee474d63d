import torch


def together(x):
    # a scalar: one backward through it leaves in x.grad what both passes leave
    ...


def grad_after(x):
    # your prediction of x.grad after (x**2).sum().backward() and (3 * x).sum().backward()
    ...


PREDICTIONS = {
    # What does each marked line of the given code show?  One number, or None
    # "after_first": ...,
    # "after_second": ...,
    # "after_third": ...,
}
