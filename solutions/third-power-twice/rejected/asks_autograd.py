#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return x**3


def second_f(x):
    x = x.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    return h


PREDICTIONS = {"slope": "3*x**2", "without_graph": "raises"}
