#: score = 10
import numpy as np
import torch
from torch import nn

criterion = nn.CrossEntropyLoss()


def f(logits, targets):
    return criterion(logits, targets)


def grad_f(logits, targets):
    z, t = logits.numpy(), targets.numpy()
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p -= np.eye(z.shape[1])[t]
    return torch.from_numpy(p / z.shape[0])


PREDICTIONS = {"logits_grad": np.array([[1, -3, 1, 1], [1, 1, 1, -3]]) / 8}
