#: score = 1
#: naive = "failed cut-graph"
#: prediction = "failed autograd-in-prediction"
#: safe = "failed cut-graph"
#: both = "missing"
import torch


def naive(x):
    with torch.no_grad():
        return torch.where(x > 0, torch.sqrt(x), 0.0)


def grad_naive(x):
    x = x.clone().requires_grad_()
    torch.where(x > 0, torch.sqrt(x), 0.0).sum().backward()
    return x.grad


def safe(x):
    # nan_to_num mends the value only
    return torch.nan_to_num(torch.sqrt(x.detach()))
