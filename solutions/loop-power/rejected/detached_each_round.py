#: score = 6
#: gradient = "failed missing-path"
#: x-grad = "failed author:value-of-the-loop"
#: cut-grad = "failed author:all-cut"
# The values are right, but each round forgets the one before.
import torch


def f(x, n):
    y = torch.ones_like(x)
    for _ in range(n):
        y = y.detach() * x
    return y


def grad_f(x, n):
    return n * x ** (n - 1)


PREDICTIONS = {"x_grad": 81, "cut_grad": 0}
