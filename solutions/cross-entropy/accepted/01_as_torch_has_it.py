#: score = 10
import torch
import torch.nn.functional as F


def f(logits, targets):
    return F.cross_entropy(logits, targets)


def grad_f(logits, targets):
    p = torch.softmax(logits, dim=1)
    onehot = F.one_hot(targets, num_classes=logits.shape[1])
    return (p - onehot) / len(targets)


PREDICTIONS = {"logits_grad": [[0.125, -0.375, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]]}
