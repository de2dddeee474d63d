#: score = 5
#: prediction = "failed autograd-in-prediction"
#: vjp = "failed autograd-in-prediction"
import torch


def f(x):
    return x * x


def grad_f(x):
    return torch.func.grad(lambda t: f(t).sum())(x)


def vjp_f(x, v):
    y, pull_back = torch.func.vjp(f, x)
    return pull_back(v)[0]


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
