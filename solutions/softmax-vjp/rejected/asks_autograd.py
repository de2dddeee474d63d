#: score = 6
#: vjp = "failed autograd-in-prediction"
import torch


def f(x):
    return torch.softmax(x, dim=0)


def vjp_f(x, v):
    x = x.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(x), x, grad_outputs=v)
    return g


PREDICTIONS = {"x_grad": [0.75, -0.25, -0.25, -0.25]}
