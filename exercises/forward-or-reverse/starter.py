import torch


def f(x):
    # a vector of two entries: x[0] * x[1], and x[1] * x[2]^2
    ...


def jacobian_f(x):
    # your prediction of the Jacobian, of shape (2, 3), without autograd
    ...


PREDICTIONS = {
    # 5 inputs, 40 outputs: how many passes in forward mode, and how many
    # in reverse mode?  Two numbers
    # "passes": ...,
    # "forward" or "reverse" for each of the functions A, B, C, D
    # "modes": [..., ..., ..., ...],
}
