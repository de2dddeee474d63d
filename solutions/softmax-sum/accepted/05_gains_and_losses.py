#: score = 10
import numpy as np
import torch


def f(x):
    return torch.nn.Softmax(dim=0)(x).sum()


def grad_f(x):
    a = np.exp(x.numpy())
    s = a / a.sum()
    gain = s * (1 - s)
    loss = np.array([sum(s[i] * s[k] for i in range(len(s)) if i != k) for k in range(len(s))])
    return torch.from_numpy(gain - loss)


PREDICTIONS = {"first_grad": "0.25 -0.25", "sum_grad": "0 0"}
