#: score = 1
#: gradient = "failed cut-graph"
#: auto = "error"
#: formula = "failed author:mixed-once"
#: product = "failed author:mixed-once"
# item() 把两个分量变成了普通的数
import torch


def f(x):
    a, b = x[0].item(), x[1].item()
    return torch.tensor(a * a * b + b**3, dtype=x.dtype)


def hvp_auto(x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.autograd.grad(g @ v, x)[0]


def hvp_formula(x, v):
    return torch.stack([2 * x[1] * v[0] + 2 * x[0] * v[1], 6 * x[1] * v[1]])


PREDICTIONS = {"product": [2, -12]}
