#: score = 10
# Each part comes as a value and a slope; the rules of calculus put pairs together.
import torch


def log_square(x):
    return torch.log(x * x), 2 / x


def sine(x):
    return torch.sin(x), torch.cos(x)


def product(p, q):
    return p[0] * q[0], p[1] * q[0] + p[0] * q[1]


def whole(x):
    value, slope = product(log_square(x), sine(x))
    return value + x**-1.0, slope - x**-2.0


def f(x):
    return whole(x)[0]


def grad_f(x):
    return whole(x)[1]


PREDICTIONS = {"at_two": 0.0824}
