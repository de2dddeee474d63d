#: score = 8
#: gradient = "failed cut-graph"
# item() 取出来的只是数，和 logits 断开了
import torch
import torch.nn.functional as F


def f(logits, targets):
    total = 0.0
    for z, t in zip(logits, targets):
        total += -torch.softmax(z, dim=0)[t].log().item()
    return torch.tensor(total / len(targets), dtype=logits.dtype)


def grad_f(logits, targets):
    p = torch.softmax(logits, dim=1)
    return (p - F.one_hot(targets, logits.shape[1])) / logits.shape[0]


PREDICTIONS = {"logits_grad": [[0.125, -0.375, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]]}
