#: score = 10
import torch


def f(a):
    size = a.abs()
    if size.ge(100):
        return a
    return f(a * a + a) if size.gt(3) else torch.exp(a)


def grad_f(a):
    if torch.abs(a) >= 100:
        return torch.ones_like(a)
    if torch.abs(a) > 3:
        # the chain rule: outside at a² + a, inside 2a + 1
        return grad_f(a * a + a) * (2 * a + 1)
    return f(a)


PREDICTIONS = {"slopes": [4 * 18, -6 * 5 - 10, 2 * 9]}
