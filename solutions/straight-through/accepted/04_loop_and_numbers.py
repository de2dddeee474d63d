#: score = 10
# Python's round prefers even numbers, as torch.round does; the answer is float32.
import torch


def f(x):
    parts = []
    for xi in x:
        gap = round(xi.item()) - xi.item()
        parts.append(xi + gap)
    return torch.stack(parts)


def grad_loss(x, t):
    return torch.tensor([2.0 * (round(a) - b) for a, b in zip(x.tolist(), t.tolist())])


PREDICTIONS = {"rounded_grad": 0, "x_grad": 1}
