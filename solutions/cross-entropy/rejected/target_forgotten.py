#: score = 4
#: prediction = "failed author:target-forgotten"
#: logits-grad = "failed author:no-mean"
import torch
import torch.nn.functional as F


def f(logits, targets):
    return F.cross_entropy(logits, targets)


def grad_f(logits, targets):
    return torch.softmax(logits, dim=1) / len(targets)


PREDICTIONS = {"logits_grad": [[0.25, -0.75, 0.25, 0.25], [0.25, 0.25, 0.25, -0.75]]}
