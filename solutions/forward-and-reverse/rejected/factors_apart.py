#: score = 2
#: push = "failed shape"
#: slope = "failed author:factors-apart"
#: tangents = "missing"
#: adjoints = "missing"
import torch


def push(x, t):
    # J t, with the whole Jacobian in place of the product
    return torch.diag(2 / x * torch.sin(x) + torch.log(x * x) * torch.cos(x) - 1 / x**2)


def pull(x, v):
    J = torch.diag(2 / x * torch.sin(x) + torch.log(x * x) * torch.cos(x) - 1 / x**2)
    return v @ J


PREDICTIONS = {"slope": "2/x*cos(x) - 1/x^2"}
