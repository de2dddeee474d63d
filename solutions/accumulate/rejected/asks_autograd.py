#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def together(x):
    return (x**2).sum() + (3 * x).sum()


def grad_after(x):
    x = x.clone().requires_grad_()
    (x**2).sum().backward()
    (3 * x).sum().backward()
    return x.grad


PREDICTIONS = {"after_first": 4, "after_second": 7, "after_third": 10}
