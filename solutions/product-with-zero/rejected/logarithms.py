#: score = 6
#: value = "failed nan"
#: gradient = "failed nan"
# exp(log a + log b) is a * b, but only for positive numbers
import torch


def f(x):
    return torch.exp(torch.log(x).sum())


def grad_f(x):
    return torch.stack([torch.cat([x[:i], x[i + 1 :]]).prod() for i in range(len(x))])


PREDICTIONS = {"x_grad": [0, 6, 0]}
