#: score = 10
import torch


def f(x, n):
    y = torch.ones(x.shape, dtype=torch.float64)
    k = 0
    while k < n:
        y *= x
        k += 1
    return y


def grad_f(x, n):
    return float(n) * torch.pow(x, float(n) - 1)


PREDICTIONS = {"x_grad": "108", "cut_grad": "27"}

# a look at it
a = torch.linspace(-1, 1, 5)
print(f(a, 3), grad_f(a, 3))
