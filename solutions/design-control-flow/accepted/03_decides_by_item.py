#: score = 10
# A Python number decides; the result is still made of the tensor.
import torch


def halvings(number):
    n = 0
    while abs(number) > 1:
        number, n = number / 2, n + 1
    return n


def f(a):
    n = halvings(a.item())
    return a / 2**n if n % 2 == 0 else -a / 2**n


def grad_f(a):
    n = halvings(a.item())
    return torch.tensor((-1.0) ** n / 2**n, dtype=a.dtype)


PREDICTIONS = {"slopes": torch.tensor([72.0, -40.0, 18.0])}
