#: score = 5
#: prediction = "failed author:last-round-only"
#: x-grad = "failed author:last-round-only"
# y is a number by then, so only the last factor counts
import torch


def f(x, n):
    y = torch.ones_like(x)
    for _ in range(n):
        y = y * x
    return y


def grad_f(x, n):
    return f(x, n - 1)


PREDICTIONS = {"x_grad": 27, "cut_grad": 27}
