#: score = 5
#: prediction = "failed autograd-in-prediction"
#: vjp = "failed autograd-in-prediction"
import torch


def f(x):
    return x * x


def grad_f(x):
    return torch.autograd.functional.jacobian(lambda t: f(t).sum(), x)


def vjp_f(x, v):
    return torch.autograd.functional.vjp(f, x, v)[1]


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
