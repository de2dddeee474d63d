#: score = 10
# Single precision on the way: less exact, and still right.
import torch


def f(logits, targets):
    p = logits.softmax(-1).gather(1, targets[:, None])
    return (-p.log()).mean()


def grad_f(logits, targets):
    p = logits.float().softmax(-1)
    minus = torch.full((len(targets), 1), -1.0)
    return p.scatter_add(1, targets.unsqueeze(1), minus) / len(targets)


PREDICTIONS = {"logits_grad": ((0.125, -0.375, 0.125, 0.125), (0.125, 0.125, 0.125, -0.375))}
