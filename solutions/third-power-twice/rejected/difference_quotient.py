#: score = 5
#: prediction = "failed finite-difference"
#: slope = "failed value-not-gradient"
import torch


def f(x):
    return x**3


def second_f(x):
    h = 1e-4
    return (f(x + h) - 2 * f(x) + f(x - h)) / h**2


PREDICTIONS = {"slope": "x^3", "without_graph": "raises"}
