#: score = 10
import torch
import torch.nn.functional as F


def f(x):
    return F.log_softmax(x, dim=-1).exp().sum()


def grad_f(x):
    return 0 * x


PREDICTIONS = dict(first_grad=torch.tensor([0.25, -0.25]), sum_grad=torch.zeros(2))
