import torch


def g(a):
    b = a * a
    while b < 50:
        b = 3 * b
    if a > 0:
        return b
    return b - 10 * a


def slope(number):
    a = torch.tensor(number, requires_grad=True)
    g(a).backward()
    return a.grad


slope(4.0)                # slopes[0]: ?
slope(-5.0)               # slopes[1]: ?
slope(9.0)                # slopes[2]: ?
