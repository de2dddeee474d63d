#: score = 10
import torch
import torch.nn.functional as F


def permutation(x):
    return F.one_hot(torch.argsort(x), len(x)).to(x.dtype)


def f(x, c):
    # s = P x
    return torch.einsum("k,ki,i->", c, permutation(x), x)


def grad_f(x, c):
    return permutation(x).T @ c


PREDICTIONS = {}
PREDICTIONS["order"] = [1, 2, 0]
PREDICTIONS["x_grad"] = [30.0, 10.0, 20.0]
