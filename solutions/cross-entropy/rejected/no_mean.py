#: score = 2
#: value = "failed author:rows-added"
#: gradient = "failed author:gradient-of-the-sum"
#: prediction = "failed author:no-mean"
# 公式记得很清楚，只是忘了除以行数
import torch
import torch.nn.functional as F


def f(logits, targets):
    return F.cross_entropy(logits, targets, reduction="sum")


def grad_f(logits, targets):
    return torch.softmax(logits, dim=1) - F.one_hot(targets, logits.shape[1])


PREDICTIONS = {"logits_grad": [[0.125, -0.375, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]]}
