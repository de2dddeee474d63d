#: score = 8
#: prediction = "failed autograd-in-prediction"
import torch


def f(x):
    return 2 * torch.dot(x, x)


def grad_f(x):
    x = x.detach().clone().requires_grad_(True)
    f(x).backward()
    return x.grad


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x_grad": [0, 4, 8, 12],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": [1, 5, 9, 13],
}
