#: score = 10
import torch


def f(x):
    parts = []
    for xi in x:
        yi = xi * xi
        ui = yi.item()  # a Python number has no history
        parts.append(ui * xi)
    return torch.stack(parts)


def grad_z(x):
    g = torch.empty_like(x)
    for i, xi in enumerate(x):
        g[i] = xi * xi
    return g


def grad_y(x):
    g = torch.empty_like(x)
    for i, xi in enumerate(x):
        g[i] = 2 * xi
    return g


PREDICTIONS = {}
PREDICTIONS["u_equals_grad"] = [i * i == i * i for i in range(4)]
