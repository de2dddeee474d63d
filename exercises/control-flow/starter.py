import torch


def f(a):
    # b = 2a; double b while its norm is below 1000;
    # return b if its sum is positive, else 100 * b
    ...


def grad_f(a):
    # your prediction of df/da, without autograd
    ...


PREDICTIONS = {
    # Is the gradient of f equal to f(a) / a at every a != 0?  True or False
    # "ratio": ...,
}
