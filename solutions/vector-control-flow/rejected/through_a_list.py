#: score = 8
#: gradient = "failed cut-graph"
# b goes through a list of numbers, and the list remembers nothing
import torch


def f(a):
    b = torch.tensor((2 * a).tolist(), dtype=a.dtype)
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    return f(a) / a


PREDICTIONS = {"a_grad": [4, 4], "a_grad_weighted": [4800, -1600]}
