#: score = 7
#: gradient = "failed cut-graph"
#: first-of-eight = "failed"
import torch


def f(x):
    total = 0.0
    for v in x.flatten().tolist():
        total += v * v
    return torch.tensor(total / x.numel(), dtype=x.dtype)


def grad_f(x):
    return 2 * x / x.numel()


PREDICTIONS = {"x_grad": [0.5, 1, 1.5, 2], "first_of_eight": 0}
