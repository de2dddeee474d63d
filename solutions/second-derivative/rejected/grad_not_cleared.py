#: score = 4
#: auto = "failed author:not-cleared"
#: formula = "failed author:one-cosine"
# x.grad 里还留着第一次的梯度
import torch


def f(x):
    return x * torch.sin(x)


def second_auto(x):
    x = x.clone().requires_grad_()
    f(x).sum().backward(create_graph=True)
    x.grad.sum().backward()
    return x.grad


def second_formula(x):
    return torch.cos(x) - x * torch.sin(x)


PREDICTIONS = {"counts": [3, 7]}
