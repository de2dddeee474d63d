#: score = 2
#: value = "failed author:softmax-over-rows"
#: gradient = "failed"
#: prediction = "failed"
# dim=0 where dim=1 is due
import torch
import torch.nn.functional as F


def f(logits, targets):
    logp = torch.log_softmax(logits, dim=0)
    return F.nll_loss(logp, targets)


def grad_f(logits, targets):
    p = torch.softmax(logits, dim=0)
    return (p - F.one_hot(targets, logits.shape[1])) / logits.shape[0]


PREDICTIONS = {"logits_grad": [[0.125, -0.375, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]]}
