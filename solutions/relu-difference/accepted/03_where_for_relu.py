#: score = 10
import torch


def relu(t):
    return torch.where(t > 0, t, torch.zeros_like(t))


def f(x):
    return relu(x) - relu(-x)


def grad_f(x):
    return torch.sign(x).abs()


def calculus_f(x):
    return torch.full(x.shape, 1.0)


PREDICTIONS = {"at_zero": torch.tensor([0.0, 1.0])}
