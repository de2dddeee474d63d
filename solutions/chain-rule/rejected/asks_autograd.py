#: score = 6
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


def grad_f(x):
    x = x.clone().requires_grad_(True)
    f(x).sum().backward()
    return x.grad


PREDICTIONS = {"at_two": 0.0824}
