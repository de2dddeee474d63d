#: score = 10
import torch


def constant_square(t):
    return t.detach().square()


def f(x):
    return torch.mul(constant_square(x), x)


grad_z = constant_square
grad_y = lambda x: 2.0 * x

PREDICTIONS = {"u_equals_grad": torch.tensor([True] * 4)}
