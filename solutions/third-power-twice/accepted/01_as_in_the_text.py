#: score = 10
import torch


def f(x):
    return x**3


def second_f(x):
    return 6 * x


PREDICTIONS = {"slope": "3*x**2", "without_graph": "raises"}
