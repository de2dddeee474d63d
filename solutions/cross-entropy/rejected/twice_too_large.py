#: score = 4
#: prediction = "failed scale"
#: logits-grad = "failed author:mean-over-entries"
# a factor 2 that belongs to squared errors
import torch
import torch.nn.functional as F


def f(logits, targets):
    return F.cross_entropy(logits, targets)


def grad_f(logits, targets):
    p = torch.softmax(logits, dim=1)
    return 2 * (p - F.one_hot(targets, logits.shape[1])) / logits.shape[0]


PREDICTIONS = {"logits_grad": [[1 / 32, -3 / 32, 1 / 32, 1 / 32], [1 / 32, 1 / 32, 1 / 32, -3 / 32]]}
