#: score = 7
#: prediction = "failed autograd-in-prediction"
import torch


def f(w, x):
    return x * w + w**2


def grad_w(w, x):
    w = w.clone().requires_grad_()
    return torch.autograd.grad(f(w, x).sum(), w)[0]


PREDICTIONS = {"w_grad": 7, "x_grad": 2}
