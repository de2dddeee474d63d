#: score = 10
# Everything with loops, one entry at a time.
import torch


def f(x):
    total = 0
    for xi in x:
        total = total + xi * xi
    return total * 2


def grad_f(x):
    out = torch.zeros_like(x)
    for i in range(len(x)):
        # d/dx_i of 2 * x_i^2
        out[i] = 2 * 2 * x[i]
    return out


PREDICTIONS = {}
PREDICTIONS["grad_before"] = None
PREDICTIONS["y"] = 2 * (0 + 1 + 4 + 9)
PREDICTIONS["x_grad"] = [4 * i for i in range(4)]
PREDICTIONS["after_zero"] = [0] * 4
PREDICTIONS["sum_grad"] = [1] * 4
PREDICTIONS["sum_grad_without_zero"] = [4 * i + 1 for i in range(4)]
