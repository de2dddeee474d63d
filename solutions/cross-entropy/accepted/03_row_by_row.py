#: score = 10
import torch


def f(logits, targets):
    total = 0
    for z, t in zip(logits, targets):
        total = total + torch.log(torch.exp(z).sum()) - z[t]
    return total / logits.shape[0]


def grad_f(logits, targets):
    rows = []
    for z, t in zip(logits, targets):
        p = torch.exp(z) / torch.exp(z).sum()
        hot = torch.zeros_like(p)
        hot[t] = 1.0
        rows.append(p - hot)
    return torch.stack(rows) / logits.shape[0]


PREDICTIONS = {
    "logits_grad": [
        [(0.25 - (c == t)) / 2 for c in range(4)]  # every probability is 1/4
        for t in (1, 3)
    ]
}
