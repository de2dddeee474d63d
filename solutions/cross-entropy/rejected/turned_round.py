#: score = 4
#: prediction = "failed author:turned-round"
#: logits-grad = "failed author:turned-round"
import torch
import torch.nn.functional as F


def f(logits, targets):
    return F.cross_entropy(logits, targets)


def grad_f(logits, targets):
    p = torch.softmax(logits, dim=1)
    return (F.one_hot(targets, logits.shape[1]) - p) / logits.shape[0]


PREDICTIONS = {"logits_grad": [[-0.125, 0.375, -0.125, -0.125], [-0.125, -0.125, -0.125, 0.375]]}
