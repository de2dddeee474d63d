import torch


def f(X, W, b):
    # the matrix X W^T + b: a row for each example
    ...


def grad_b(X, W, b):
    # your prediction of the gradient of f(X, W, b).sum() with respect to b, without autograd
    ...


def vjp_b(V):
    # your prediction of b.grad after Y.backward(V), where Y = f(X, W, b), without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Two numbers like [0, 0]
    # "b_grad": ...,
}
