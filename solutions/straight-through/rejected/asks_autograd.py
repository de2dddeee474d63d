#: score = 6
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return x + (torch.round(x) - x).detach()


def grad_loss(x, t):
    x = x.detach().requires_grad_(True)
    loss = ((f(x) - t) ** 2).sum()
    loss.backward()
    return x.grad


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
