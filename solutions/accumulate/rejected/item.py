#: score = 7
#: gradient = "failed cut-graph"
#: after-first = "failed"
# .item() gives numbers without a history; and x.grad is not None any more after a pass.
import torch


def together(x):
    a = (x**2).sum().item()
    b = (3 * x).sum().item()
    return torch.tensor(a + b, dtype=x.dtype)


def grad_after(x):
    return 2 * x + 3


PREDICTIONS = {"after_first": None, "after_second": 7, "after_third": 10}
