#: score = 5
#: formula = "failed scale"
#: product = "failed"
# All second derivatives at half their size: the 2 and the 6 were halved with the Taylor formula.
import torch


def f(x):
    return x[0] ** 2 * x[1] + x[1] ** 3


def hvp_auto(x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.autograd.grad(g, x, grad_outputs=v)[0]


def hvp_formula(x, v):
    return torch.stack([x[1] * v[0] + x[0] * v[1], x[0] * v[0] + 3 * x[1] * v[1]])


PREDICTIONS = {"product": [1, -5]}
