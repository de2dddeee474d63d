#: score = 6
#: grad-z = "failed autograd-in-prediction"
#: grad-y = "failed autograd-in-prediction"
import torch


def f(x):
    y = x * x
    u = y.detach()
    return u * x


def grad_z(x):
    x = x.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(x).sum(), x)
    return g


def grad_y(x):
    x = x.clone().requires_grad_(True)
    (x * x).sum().backward()
    return x.grad


PREDICTIONS = {"u_equals_grad": [True, True, True, True]}
