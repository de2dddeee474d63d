#: score = 10
# 在目标的位置上减 1，再除以行数
import torch


def f(logits, targets):
    logp = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    n = len(logits)
    return -logp[torch.arange(n), targets].mean()


def grad_f(logits, targets):
    n = logits.size(0)
    e = torch.exp(logits)
    g = e / e.sum(dim=1, keepdim=True)
    g[torch.arange(n), targets] -= 1
    g /= n
    return g


g = torch.full((2, 4), 1 / 8)
g[0, 1] = g[1, 3] = -3 / 8
PREDICTIONS = {"logits_grad": g}
