#: score = 5
#: prediction = "failed autograd-in-prediction"
#: w-grad = "failed"
import torch


def f(w, idx):
    return w[idx].sum()


def grad_f(w, idx):
    return torch.autograd.functional.jacobian(lambda t: f(t, idx), w)


PREDICTIONS = {"growth": 0.2, "w_grad": None}
