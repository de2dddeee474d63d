#: score = 2
#: value = "failed shape"
#: gradient = "failed shape"
#: prediction = "failed author:mean-over-entries"
# reduction="none" 返回每一行的损失，还没有取平均
import torch
import torch.nn.functional as F


def f(logits, targets):
    return F.cross_entropy(logits, targets, reduction="none")


def grad_f(logits, targets):
    p = torch.softmax(logits, dim=1)
    return (p - F.one_hot(targets, logits.shape[1])) / logits.numel()


PREDICTIONS = {"logits_grad": [[0.125, -0.375, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]]}
