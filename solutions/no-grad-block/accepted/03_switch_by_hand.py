#: score = 10
import torch


def f(x):
    torch.set_grad_enabled(False)
    u = torch.einsum("i,i->i", x, x)
    torch.set_grad_enabled(True)
    return torch.mul(u, x)


def grad_f(x):
    g = torch.zeros_like(x)
    for i in range(x.numel()):
        g[i] = x[i] * x[i]
    return g


PREDICTIONS = {"recorded": torch.tensor([True, False, True]), "x_grad": torch.tensor(25.0)}
