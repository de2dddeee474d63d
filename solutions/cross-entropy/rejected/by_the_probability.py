#: score = 4
#: prediction = "failed author:by-the-probability"
#: logits-grad = "failed author:target-only"
# -log p 的导数是 -1/p
import torch
import torch.nn.functional as F


def f(logits, targets):
    return F.cross_entropy(logits, targets)


def grad_f(logits, targets):
    n = len(targets)
    p = torch.softmax(logits, dim=1)
    g = torch.zeros_like(p)
    for i in range(n):
        g[i, targets[i]] = -1 / p[i, targets[i]] / n
    return g


PREDICTIONS = {"logits_grad": [[0, -0.375, 0, 0], [0, 0, 0, -0.375]]}
