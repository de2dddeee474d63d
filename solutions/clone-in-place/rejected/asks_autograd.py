#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    y = x.clone()
    y[0] = 5.0
    return (y * y).sum()


def grad_f(x):
    return torch.autograd.functional.jacobian(f, x)


PREDICTIONS = {"raises": False, "x_grad": [0, 4, 6]}
