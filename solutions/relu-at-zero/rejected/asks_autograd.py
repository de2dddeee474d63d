#: score = 4
#: relu = "failed autograd-in-prediction"
#: clamp = "failed autograd-in-prediction"
#: maximum = "failed autograd-in-prediction"
import torch


def f(x):
    return torch.relu(x)


def slope(function, x):
    x = x.clone().requires_grad_()
    function(x).sum().backward()
    return x.grad


def grad_relu(x):
    return slope(torch.relu, x)


def grad_clamp(x):
    return slope(lambda t: t.clamp(min=0), x)


def grad_maximum(x):
    return slope(lambda t: torch.maximum(t, torch.zeros_like(t)), x)


PREDICTIONS = {"at_zero": [0, 1, 0.5]}
