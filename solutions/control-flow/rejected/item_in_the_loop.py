#: score = 8
#: gradient = "failed cut-graph"
# Right numbers, but the loop runs on a Python number that remembers nothing.
import torch


def f(a):
    b = a.item() * 2
    while abs(b) < 1000:
        b = b * 2
    if b < 0:
        b = 100 * b
    return torch.tensor(b, dtype=a.dtype)


def grad_f(a):
    return f(a) / a


PREDICTIONS = {"ratio": True}
