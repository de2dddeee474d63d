#: score = 4
#: prediction = "failed author:no-softmax"
#: logits-grad = "missing"
import torch
import torch.nn.functional as F


def f(z, t):
    return F.cross_entropy(z, t)


def grad_f(z, t):
    return (z - F.one_hot(t, z.shape[1])) / len(t)
