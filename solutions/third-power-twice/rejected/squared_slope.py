#: score = 5
#: prediction = "failed author:squared"
#: slope = "failed author:power-kept"
import torch


def f(x):
    return x**3


def slope(x):
    return 3 * x**2


def second_f(x):
    # twice: once and once more
    return slope(x) * slope(x)


PREDICTIONS = {"slope": "3*x**3", "without_graph": "raises"}
