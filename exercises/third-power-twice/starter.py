import torch


def f(x):
    # a vector: the third power of each entry of x
    ...


def second_f(x):
    # your prediction of the second derivative of each entry, without autograd
    ...


PREDICTIONS = {
    # The first derivative of f, as a formula in x: a text such as "sin(x)"
    # "slope": ...,
    # What does the last line of the given code do?
    # "second" (h once more), "first" (g once more), "zero" or "raises"
    # "without_graph": ...,
}
