#: score = 4
#: prediction = "failed author:target-only"
#: logits-grad = "failed author:target-forgotten"
# The loss names only the target's probability, so only its logit gets a gradient here.
import torch
import torch.nn.functional as F


def f(logits, targets):
    return F.cross_entropy(logits, targets)


def grad_f(logits, targets):
    p = torch.softmax(logits, dim=1)
    g = torch.zeros_like(p)
    rows = torch.arange(len(targets))
    g[rows, targets] = p[rows, targets] - 1
    return g / len(targets)


PREDICTIONS = {"logits_grad": [[0.125, 0.125, 0.125, 0.125], [0.125, 0.125, 0.125, 0.125]]}
