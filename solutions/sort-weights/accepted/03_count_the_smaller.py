#: score = 10
# The place of a number is how many are smaller. Python floats, so float32 in the end.
import torch


def f(x, c):
    total = 0
    for xi, ci in zip(sorted(x), c):
        total = total + xi * ci
    return total


def grad_f(x, c):
    xs, cs = x.tolist(), c.tolist()
    return torch.tensor([cs[sum(other < xi for other in xs)] for xi in xs])


PREDICTIONS = {"order": (1, 2, 0), "x_grad": (30, 10, 20)}
