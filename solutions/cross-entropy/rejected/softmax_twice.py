#: score = 4
#: value = "failed author:softmax-twice"
#: gradient = "failed author:gradient-softmax-twice"
#: logits-grad = "failed author:by-the-probability"
import torch
import torch.nn.functional as F


def f(logits, targets):
    p = torch.softmax(logits, dim=1)
    return F.cross_entropy(p, targets)


def grad_f(logits, targets):
    p = torch.softmax(logits, dim=1)
    return (p - F.one_hot(targets, logits.shape[1])) / logits.shape[0]


PREDICTIONS = {"logits_grad": [[0, -2, 0, 0], [0, 0, 0, -2]]}
