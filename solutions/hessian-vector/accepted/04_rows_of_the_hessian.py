#: score = 10
# The whole Hessian, row by row: for two variables that does no harm.
import numpy as np
import torch


def f(x):
    return x[1] * (x[0] * x[0] + x[1] * x[1])


def hvp_auto(x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    rows = [torch.autograd.grad(gi, x, retain_graph=True)[0] for gi in g]
    return torch.stack(rows).mv(v)


def hvp_formula(x, v):
    x0, x1 = x.tolist()
    H = np.array([[2 * x1, 2 * x0], [2 * x0, 6 * x1]])
    return torch.from_numpy(H.dot(v.numpy()))


PREDICTIONS = {"product": "[2, -10]"}
