#: score = 10
import torch


def f(x):
    # (c + x) x is the same with one product less
    with torch.no_grad():
        c = x.clone()
    return (c + x) * x


def grad_f(x):
    return torch.add(2 * x, x)


PREDICTIONS = {"x_grad": torch.tensor(9.0)}
