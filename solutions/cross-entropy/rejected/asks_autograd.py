#: score = 6
#: prediction = "failed autograd-in-prediction"
import torch
import torch.nn.functional as F


def f(logits, targets):
    return F.cross_entropy(logits, targets)


def grad_f(logits, targets):
    z = logits.detach().clone().requires_grad_(True)
    f(z, targets).backward()
    return z.grad


PREDICTIONS = {"logits_grad": [[0.125, -0.375, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]]}
