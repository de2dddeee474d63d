#: score = 6
#: slope = "failed second-derivative"
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    x = x.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
    (g,) = torch.autograd.grad(g.sum(), x)
    return g


PREDICTIONS = {"slopes": [1, 0.5, -1], "first_zero": 1.57}
