#: score = 10
import torch


def f(x, A):
    return torch.einsum("i,ij,j->", x, A, x)


def grad_x(x, A):
    left = torch.einsum("ij,j->i", A, x)
    right = torch.einsum("i,ij->j", x, A)
    return left + right


PREDICTIONS = dict(x_grad=torch.tensor([-3.0, -3.0]), skew_grad=torch.zeros(2))
