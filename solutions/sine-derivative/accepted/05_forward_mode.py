#: score = 10
# Pushing a vector of ones forward gives the same numbers, because entry i of f only depends on x_i.
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    y, slopes = torch.func.jvp(f, (x,), (torch.ones_like(x),))
    print("sin:", y)
    return slopes


PREDICTIONS = {"slopes": [1, 0.5, -1], "first_zero": "1.570796"}
