#: score = 5
#: after-first = "missing"
#: after-second = "missing"
#: after-third = "missing"
# The typed answers are what autograd says when the file is run.
import torch


def together(x):
    return torch.dot(x, x) + 3 * x.sum()


def grad_after(x):
    return 2 * x + 3


x = torch.tensor(2.0, requires_grad=True)
PREDICTIONS = {}
(x**2).backward()
PREDICTIONS["after_first"] = x.grad.item()
(3 * x).backward()
PREDICTIONS["after_second"] = x.grad.item()
(3 * x).backward()
PREDICTIONS["after_third"] = x.grad.item()
