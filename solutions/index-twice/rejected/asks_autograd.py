#: score = 5
#: prediction = "failed autograd-in-prediction"
#: w-grad = "failed"
import torch


def f(w, idx):
    return w[idx].sum()


def grad_f(w, idx):
    return torch.func.grad(f)(w, idx)


PREDICTIONS = {"growth": 0.2, "w_grad": None}
