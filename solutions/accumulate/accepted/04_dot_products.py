#: score = 10
import numpy as np
import torch


def together(x):
    threes = torch.full_like(x, 3.0)
    return torch.dot(x, x) + torch.dot(threes, x)


def grad_after(x):
    a = x.numpy()
    return torch.from_numpy(np.add(a, a) + 3.0)


# Tried out afterwards with the x of the given code.
PREDICTIONS = {"after_first": 4.0, "after_second": 7.0, "after_third": 10.0}
x = torch.tensor(2.0, requires_grad=True)
(x**2).backward()
print(x.grad.item(), PREDICTIONS["after_first"])
