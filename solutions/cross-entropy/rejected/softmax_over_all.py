#: score = 4
#: prediction = "failed author:softmax-over-all"
#: logits-grad = "missing"
import torch
import torch.nn.functional as F


def f(z, t):
    return F.cross_entropy(z, t)


def grad_f(z, t):
    p = torch.exp(z) / torch.exp(z).sum()
    return (p - F.one_hot(t, z.shape[1])) / len(t)
