#: score = 10
# Only the symmetric part of A matters to f; for that part 2Sx is right.
import torch


def symmetric(A):
    return (A + A.mT) / 2


def f(x, A):
    S = symmetric(A)
    return (x * torch.mv(S, x)).sum()


def grad_x(x, A):
    return 2 * torch.mv(symmetric(A), x)


PREDICTIONS = {"x_grad": (-3, -3), "skew_grad": (0, 0)}
