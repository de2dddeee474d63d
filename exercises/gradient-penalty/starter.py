import torch


def penalty(w, x):
    # take the slope of (w * x**2).sum() with respect to x; return (its length - 1)**2
    ...


def grad_w(w, x):
    # your prediction of the gradient of penalty(w, x) with respect to w, without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Two numbers like [0, 0]
    # "w_grad": ...,
    # And without create_graph=True?  "raises", "same" or "zeros"
    # "without_graph": ...,
}
