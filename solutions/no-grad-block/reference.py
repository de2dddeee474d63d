"""u = x² under no_grad is a constant in z = u·x, which is recorded as usual: the gradient is x²."""

import torch


def f(x):
    with torch.no_grad():
        u = x * x
    return u * x


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return x**2


def answers(number):
    x = number.clone().requires_grad_()
    with torch.no_grad():
        u = x**2
    z = u * x
    recorded = [x.requires_grad, u.requires_grad, z.requires_grad]
    z.backward()
    return {"recorded": torch.tensor(recorded), "x_grad": x.grad}
