#: score = 6
#: grad-f = "failed autograd-in-prediction"
#: slope-f = "failed finite-difference"
import torch


def f(x):
    return x * (x**2).detach()


def grad_f(x):
    x = x.clone().requires_grad_(True)
    return torch.autograd.grad(f(x), x)[0]


def slope_f(x):
    h = 1e-6
    return (f(x + h) - f(x - h)) / (2 * h)


PREDICTIONS = {"x_grad": 16}
