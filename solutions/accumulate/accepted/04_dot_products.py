#: score = 10
import numpy as np
import torch


def together(x):
    threes = torch.full_like(x, 3.0)
    return torch.dot(x, x) + torch.dot(threes, x)


def grad_after(x):
    a = x.numpy()
    return torch.from_numpy(np.add(a, a) + 3.0)


# Tried out first with the x of the given code.
x = torch.tensor(2.0, requires_grad=True)
PREDICTIONS = {}
(x**2).backward()
PREDICTIONS["after_first"] = x.grad.item()
(3 * x).backward()
PREDICTIONS["after_second"] = x.grad.item()
(3 * x).backward()
PREDICTIONS["after_third"] = x.grad.item()
